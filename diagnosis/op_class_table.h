/*
 * THE table of what file operations cost where all is well: for each class of
 * them a fair price, and which ops are of it.
 *
 * What an op takes above its price is what would be saved if the cause were
 * gone. So a price is what a good installation of today reaches without effort,
 * not a record: a local SSD and a file system in memory for names. An op
 * without a class has no price, and is the reason for nothing.
 *
 * Define any of these macros, then include this file; what is not defined
 * expands to nothing, and all of them are undefined at the end.
 *
 *   OP_CLASS(NAME, call_ns, mib_ns, each)
 *	the price of a call, and beside that of each MiB read or written
 *	each	EACH: of each call, so that quick ones do not make up for slow
 *		ones; ON_AVERAGE: of all together
 *   CLASS_OP(NAME, op)
 *	op	as in latency_ops.h, of any version of Samba
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_CLASS
#define OP_CLASS(NAME, call_ns, mib_ns, each)
#endif
#ifndef CLASS_OP
#define CLASS_OP(NAME, op)
#endif

/* An SSD answers in 100 us; as much again for a thread to be woken. 200 MB/s */
OP_CLASS(READ, 200000, 5000000, EACH)
CLASS_OP(READ, pread)
CLASS_OP(READ, sendfile)

/* To memory, from where the kernel writes it later. */
OP_CLASS(WRITE, 200000, 5000000, EACH)
CLASS_OP(WRITE, pwrite)
CLASS_OP(WRITE, recvfile)
CLASS_OP(WRITE, ftruncate)
CLASS_OP(WRITE, fallocate)

/* An SSD that keeps its promises at a loss of power */
OP_CLASS(SYNC, 1000000, 0, EACH)
CLASS_OP(SYNC, fsync)

/* Names are mostly in memory; now and then one is not. */
OP_CLASS(OPEN, 100000, 0, EACH)
CLASS_OP(OPEN, openat)
CLASS_OP(OPEN, close)
CLASS_OP(OPEN, linux_setlease)

OP_CLASS(NAMES, 100000, 0, EACH)
CLASS_OP(NAMES, stat)
CLASS_OP(NAMES, lstat)
CLASS_OP(NAMES, fstat)
CLASS_OP(NAMES, fstatat)
CLASS_OP(NAMES, get_real_filename_at)
CLASS_OP(NAMES, realpath)
CLASS_OP(NAMES, readlinkat)
CLASS_OP(NAMES, chdir)
CLASS_OP(NAMES, getwd)
CLASS_OP(NAMES, mkdirat)
CLASS_OP(NAMES, unlinkat)
CLASS_OP(NAMES, renameat)
CLASS_OP(NAMES, linkat)
CLASS_OP(NAMES, symlinkat)
CLASS_OP(NAMES, fntimes)
CLASS_OP(NAMES, fchmod)
CLASS_OP(NAMES, fchown)

/* One call an entry; one in hundreds fills the buffer that the others read. */
OP_CLASS(LISTING, 2000, 0, ON_AVERAGE)
CLASS_OP(LISTING, fdopendir)
CLASS_OP(LISTING, readdir)
CLASS_OP(LISTING, rewind_dir)
CLASS_OP(LISTING, closedir)
CLASS_OP(LISTING, freaddir_attr)

OP_CLASS(ATTRIBUTES, 50000, 0, EACH)
CLASS_OP(ATTRIBUTES, getxattrat)
CLASS_OP(ATTRIBUTES, fgetxattr)
CLASS_OP(ATTRIBUTES, flistxattr)
CLASS_OP(ATTRIBUTES, fsetxattr)
CLASS_OP(ATTRIBUTES, fremovexattr)
CLASS_OP(ATTRIBUTES, get_dos_attributes)
CLASS_OP(ATTRIBUTES, fget_dos_attributes)
CLASS_OP(ATTRIBUTES, fset_dos_attributes)
CLASS_OP(ATTRIBUTES, fget_nt_acl)
CLASS_OP(ATTRIBUTES, fset_nt_acl)
CLASS_OP(ATTRIBUTES, sys_acl_get_fd)
CLASS_OP(ATTRIBUTES, sys_acl_set_fd)
CLASS_OP(ATTRIBUTES, fstreaminfo)

/* A command that has to be started takes a hundred times as long. */
OP_CLASS(SPACE, 100000, 0, EACH)
CLASS_OP(SPACE, disk_free)
CLASS_OP(SPACE, get_quota)
CLASS_OP(SPACE, statvfs)
CLASS_OP(SPACE, fstatvfs)

#undef OP_CLASS
#undef CLASS_OP
