/*
 * THE table of answers: error codes with which an op or a request says what it
 * was asked for, and that are no failures. "There is no such attribute" is one.
 *
 * Of requests it has what Samba's own counts of failed requests leave out
 * (smbprofile.h of 4.24). Of ops it has what smbd asks in order to be told: is
 * there something of this name, has it that attribute, can this file system do
 * that. Whether the request failed for it is told by the request.
 *
 * Define any of these macros, then include this file; what is not defined
 * expands to nothing, and all of them are undefined at the end.
 *
 *   OP_ANSWER(op, code)
 *	op	as in latency_ops.h, of any version of Samba
 *	code	errno or NTSTATUS
 *   REQUEST_ANSWER(request, code)
 *	request	as in latency_opcodes.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_ANSWER
#define OP_ANSWER(op, code)
#endif
#ifndef REQUEST_ANSWER
#define REQUEST_ANSWER(request, code)
#endif

/* NTSTATUS, MS-ERREF 2.3.1 */
#define ANSWER_END_OF_FILE 0xc0000011
#define ANSWER_NONE_MAPPED 0xc0000073
#define ANSWER_NOT_SUPPORTED 0xc00000bb
#define ANSWER_CANCELLED 0xc0000120
#define ANSWER_NOT_FOUND 0xc0000225

REQUEST_ANSWER(SMB2_OP_READ, ANSWER_END_OF_FILE)
REQUEST_ANSWER(SMB2_OP_NOTIFY, ANSWER_CANCELLED)

/* Is there something of this name? */
OP_ANSWER(stat, ENOENT)
OP_ANSWER(stat, ENOTDIR)
OP_ANSWER(lstat, ENOENT)
OP_ANSWER(lstat, ENOTDIR)
OP_ANSWER(fstatat, ENOENT)
OP_ANSWER(fstatat, ENOTDIR)
OP_ANSWER(openat, ENOENT)
OP_ANSWER(openat, ENOTDIR)
OP_ANSWER(realpath, ENOENT)
OP_ANSWER(realpath, ENOTDIR)
OP_ANSWER(get_real_filename_at, ENOENT)
OP_ANSWER(get_real_filename_at, ANSWER_NOT_FOUND)

/* What is it? A symbolic link, or not. */
OP_ANSWER(openat, ELOOP)
OP_ANSWER(openat, EEXIST)
/* It is not below the directory: openat2(), which 4.24 asks first. */
OP_ANSWER(openat, EXDEV)
OP_ANSWER(readlinkat, EINVAL)

/* Has it this attribute? */
OP_ANSWER(getxattr, ENODATA)
OP_ANSWER(fgetxattr, ENODATA)
OP_ANSWER(getxattrat, ENODATA)
OP_ANSWER(fremovexattr, ENODATA)
OP_ANSWER(get_dos_attributes, ANSWER_NOT_FOUND)
OP_ANSWER(fget_dos_attributes, ANSWER_NOT_FOUND)

/* Is this a name of a user or of another kind? */
OP_ANSWER(translate_name, ANSWER_NONE_MAPPED)

/* Can this layer, or the file system, do that? Else smbd does it itself. */
OP_ANSWER(get_real_filename_at, ANSWER_NOT_SUPPORTED)
OP_ANSWER(get_real_filename_at, EOPNOTSUPP)
OP_ANSWER(freaddir_attr, ANSWER_NOT_SUPPORTED)
OP_ANSWER(fsctl, ANSWER_NOT_SUPPORTED)
OP_ANSWER(audit_file, ANSWER_NOT_SUPPORTED)
OP_ANSWER(durable_cookie, ANSWER_NOT_SUPPORTED)
OP_ANSWER(snap_check_path, ANSWER_NOT_SUPPORTED)
OP_ANSWER(get_shadow_copy_data, ENOSYS)
OP_ANSWER(get_shadow_copy_data, EOPNOTSUPP)
OP_ANSWER(get_quota, ENOSYS)
OP_ANSWER(recvfile, ENOSYS)
OP_ANSWER(sendfile, ENOSYS)
OP_ANSWER(fallocate, EOPNOTSUPP)
OP_ANSWER(getxattr, EOPNOTSUPP)
OP_ANSWER(fgetxattr, EOPNOTSUPP)
OP_ANSWER(getxattrat, EOPNOTSUPP)
OP_ANSWER(flistxattr, EOPNOTSUPP)
OP_ANSWER(sys_acl_get_fd, ENOSYS)
OP_ANSWER(sys_acl_get_fd, EOPNOTSUPP)

#undef OP_ANSWER
#undef REQUEST_ANSWER
