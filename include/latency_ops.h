/*
 * THE op table: one row for each function of Samba's VFS table.
 *
 * From the rows come the op numbers, the wrappers, the function table of the
 * module, the op descriptors of a segment, the USDT probes, --list-ops and the
 * op list of the manual page. The differences between Samba's VFS interface
 * versions live here and nowhere else: LATENCY_VFS_VERSION is Samba's
 * SMB_VFS_INTERFACE_VERSION.
 *
 * Define any of these macros, then include this file; what is not defined
 * expands to nothing, and all of them are undefined at the end.
 *
 *   OP(ret, name, class, params, args, path, doc)
 *	A function whose wrapper is generated.
 *	ret	type of its result
 *	name	slot name_fn, next function smb_vfs_call_name(), op "name"
 *	class	how the result tells an error:
 *		ERRNO	 -1, and errno
 *		BYTES	 as ERRNO; otherwise the number of bytes moved
 *		POINTER	 NULL, and errno
 *		BOOL	 false, and errno
 *		NTSTATUS the result itself
 *		NONE	 the result is never an error
 *		VOID	 there is no result
 *	params	its parameters after the handle
 *	args	the same, as arguments
 *	path	the path it works on: FSP_PATH(open file), FSP_PATH_AT(open
 *		file, offset in it), NAME_PATH(name), AT_PATH(open directory,
 *		name below it) or NO_PATH; evaluated only when somebody wants
 *		to see it
 *	doc	what it does, for people
 *
 *   OP_OF_REQUEST(ret, name, class, params, args, path, doc)
 *	As OP, where the first parameter is the struct smb_request * that the
 *	call is made for. Expands as OP unless defined.
 *
 *   OP_BY_HAND(name, class, doc)
 *	One slot whose wrapper is written by hand.
 *
 *   OP_PAIR(name, class, doc)
 *	Two slots, name_send_fn and name_recv_fn: one asynchronous op.
 *
 *   OP_PAIR_TOO(name)
 *	Two more slots, a send/recv pair, of an op that has a synchronous
 *	form in a row above. Not an op of its own.
 *
 *   VFS_VERSION(number, major, minor)
 *	A version of the interface whose table this is, and a Samba that has
 *	it. script/samba-headers reads these rows too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "latency_config.h"

#if LATENCY_VFS_VERSION < 47 || LATENCY_VFS_VERSION > 53
#error "latency_ops.h has no rows for this version of Samba's VFS interface"
#endif

#ifndef OP
#define OP(ret, name, class, params, args, path, doc)
#endif
#ifndef OP_OF_REQUEST
#define OP_OF_REQUEST OP
#endif
#ifndef OP_BY_HAND
#define OP_BY_HAND(name, class, doc)
#endif
#ifndef OP_PAIR
#define OP_PAIR(name, class, doc)
#endif
#ifndef OP_PAIR_TOO
#define OP_PAIR_TOO(name)
#endif
#ifndef VFS_VERSION
#define VFS_VERSION(number, major, minor)
#endif

VFS_VERSION(47, 4, 17)
VFS_VERSION(48, 4, 18)
VFS_VERSION(49, 4, 19)
VFS_VERSION(49, 4, 20)
VFS_VERSION(49, 4, 21)
VFS_VERSION(50, 4, 22)
VFS_VERSION(51, 4, 23)
VFS_VERSION(52, 4, 24)
VFS_VERSION(53, 4, 25)

OP_BY_HAND(connect, ERRNO, "connect a tree")

OP_BY_HAND(disconnect, VOID, "disconnect a tree")

#if LATENCY_VFS_VERSION >= 53
OP(int, open_share_root, ERRNO,
   (struct files_struct *root_fsp, const char *connectpath),
   (root_fsp, connectpath), NO_PATH,
   "open the root of the share")

OP(uint64_t, disk_free, ERRNO,
   (struct files_struct *fsp, uint64_t *bsize, uint64_t *dfree,
    uint64_t *dsize),
   (fsp, bsize, dfree, dsize), FSP_PATH(fsp),
   "free and total space of the file system")

OP(int, get_quota, ERRNO,
   (struct files_struct *fsp, enum SMB_QUOTA_TYPE qtype, unid_t id,
    SMB_DISK_QUOTA *qt),
   (fsp, qtype, id, qt), FSP_PATH(fsp),
   "read a quota")

OP(int, set_quota, ERRNO,
   (struct files_struct *fsp, enum SMB_QUOTA_TYPE qtype, unid_t id,
    SMB_DISK_QUOTA *qt),
   (fsp, qtype, id, qt), FSP_PATH(fsp),
   "set a quota")
#else
OP(uint64_t, disk_free, ERRNO,
   (const struct smb_filename *smb_fname, uint64_t *bsize, uint64_t *dfree,
    uint64_t *dsize),
   (smb_fname, bsize, dfree, dsize), NAME_PATH(smb_fname),
   "free and total space of the file system")

OP(int, get_quota, ERRNO,
   (const struct smb_filename *smb_fname, enum SMB_QUOTA_TYPE qtype, unid_t id,
    SMB_DISK_QUOTA *qt),
   (smb_fname, qtype, id, qt), NAME_PATH(smb_fname),
   "read a quota")

OP(int, set_quota, ERRNO,
   (enum SMB_QUOTA_TYPE qtype, unid_t id, SMB_DISK_QUOTA *qt),
   (qtype, id, qt), NO_PATH,
   "set a quota")
#endif

OP(int, get_shadow_copy_data, ERRNO,
   (struct files_struct *fsp, struct shadow_copy_data *shadow_copy_data,
    bool labels),
   (fsp, shadow_copy_data, labels), FSP_PATH(fsp),
   "list the snapshots of a file")

#if LATENCY_VFS_VERSION >= 53
OP(int, fstatvfs, ERRNO,
   (struct files_struct *fsp, struct vfs_statvfs_struct *statbuf),
   (fsp, statbuf), FSP_PATH(fsp),
   "properties of the file system")
#else
OP(int, statvfs, ERRNO,
   (const struct smb_filename *smb_fname, struct vfs_statvfs_struct *statbuf),
   (smb_fname, statbuf), NAME_PATH(smb_fname),
   "properties of the file system")
#endif

OP(uint32_t, fs_capabilities, NONE,
   (enum timestamp_set_resolution *p_ts_res),
   (p_ts_res), NO_PATH,
   "what the file system can do")

OP(NTSTATUS, get_dfs_referrals, NTSTATUS,
   (struct dfs_GetDFSReferral *r),
   (r), NO_PATH,
   "look up DFS referrals")

OP(NTSTATUS, create_dfs_pathat, NTSTATUS,
   (struct files_struct *dirfsp, const struct smb_filename *smb_fname,
    const struct referral *reflist, size_t referral_count),
   (dirfsp, smb_fname, reflist, referral_count), AT_PATH(dirfsp, smb_fname),
   "create a DFS link")

OP(NTSTATUS, read_dfs_pathat, NTSTATUS,
   (TALLOC_CTX *mem_ctx, struct files_struct *dirfsp,
    struct smb_filename *smb_fname, struct referral **ppreflist,
    size_t *preferral_count),
   (mem_ctx, dirfsp, smb_fname, ppreflist, preferral_count),
   AT_PATH(dirfsp, smb_fname),
   "read a DFS link")

OP(DIR *, fdopendir, POINTER,
   (files_struct *fsp, const char *mask, uint32_t attributes),
   (fsp, mask, attributes), FSP_PATH(fsp),
   "open a directory for listing")

#if LATENCY_VFS_VERSION >= 49
OP(struct dirent *, readdir, NONE,
   (struct files_struct *dirfsp, DIR *dirp),
   (dirfsp, dirp), FSP_PATH(dirfsp),
   "next entry of a directory")
#else
OP(struct dirent *, readdir, NONE,
   (struct files_struct *dirfsp, DIR *dirp, SMB_STRUCT_STAT *sbuf),
   (dirfsp, dirp, sbuf), FSP_PATH(dirfsp),
   "next entry of a directory")
#endif

#if LATENCY_VFS_VERSION < 49
OP(void, seekdir, VOID,
   (DIR *dirp, long offset),
   (dirp, offset), NO_PATH,
   "set the position in a directory")

OP(long, telldir, NONE,
   (DIR *dirp),
   (dirp), NO_PATH,
   "position in a directory")
#endif

OP(void, rewind_dir, VOID,
   (DIR *dirp),
   (dirp), NO_PATH,
   "go back to the start of a directory")

OP(int, mkdirat, ERRNO,
   (struct files_struct *dirfsp, const struct smb_filename *smb_fname,
    mode_t mode),
   (dirfsp, smb_fname, mode), AT_PATH(dirfsp, smb_fname),
   "create a directory")

OP(int, closedir, ERRNO,
   (DIR *dir),
   (dir), NO_PATH,
   "end the listing of a directory")

OP(int, openat, ERRNO,
   (const struct files_struct *dirfsp, const struct smb_filename *smb_fname,
    struct files_struct *fsp, const struct vfs_open_how *how),
   (dirfsp, smb_fname, fsp, how), AT_PATH(dirfsp, smb_fname),
   "open a file or directory")

OP_OF_REQUEST(NTSTATUS, create_file, NTSTATUS,
   (struct smb_request *req, struct files_struct *dirfsp,
    struct smb_filename *smb_fname, uint32_t access_mask, uint32_t share_access,
    uint32_t create_disposition, uint32_t create_options,
    uint32_t file_attributes, uint32_t oplock_request,
    const struct smb2_lease *lease, uint64_t allocation_size,
    uint32_t private_flags, struct security_descriptor *sd,
    struct ea_list *ea_list, files_struct **result, int *pinfo,
    const struct smb2_create_blobs *in_context_blobs,
    struct smb2_create_blobs *out_context_blobs),
   (req, dirfsp, smb_fname, access_mask, share_access, create_disposition,
    create_options, file_attributes, oplock_request, lease, allocation_size,
    private_flags, sd, ea_list, result, pinfo, in_context_blobs,
    out_context_blobs), NAME_PATH(smb_fname),
   "the whole of an SMB open or create")

OP(int, close, ERRNO,
   (struct files_struct *fsp),
   (fsp), FSP_PATH(fsp),
   "close a file")

OP(ssize_t, pread, BYTES,
   (struct files_struct *fsp, void *data, size_t n, off_t offset),
   (fsp, data, n, offset), FSP_PATH_AT(fsp, offset),
   "read")

OP_PAIR_TOO(pread)

OP(ssize_t, pwrite, BYTES,
   (struct files_struct *fsp, const void *data, size_t n, off_t offset),
   (fsp, data, n, offset), FSP_PATH_AT(fsp, offset),
   "write")

OP_PAIR_TOO(pwrite)

OP(off_t, lseek, ERRNO,
   (struct files_struct *fsp, off_t offset, int whence),
   (fsp, offset, whence), FSP_PATH(fsp),
   "find data, holes or the end")

OP(ssize_t, sendfile, BYTES,
   (int tofd, files_struct *fromfsp, const DATA_BLOB *header, off_t offset,
    size_t count),
   (tofd, fromfsp, header, offset, count), FSP_PATH_AT(fromfsp, offset),
   "send file data to the client without a copy")

OP(ssize_t, recvfile, BYTES,
   (int fromfd, files_struct *tofsp, off_t offset, size_t count),
   (fromfd, tofsp, offset, count), FSP_PATH_AT(tofsp, offset),
   "receive file data from the client without a copy")

#if LATENCY_VFS_VERSION >= 50
OP(int, renameat, ERRNO,
   (struct files_struct *srcdir_fsp, const struct smb_filename *smb_fname_src,
    struct files_struct *dstdir_fsp, const struct smb_filename *smb_fname_dst,
    const struct vfs_rename_how *how),
   (srcdir_fsp, smb_fname_src, dstdir_fsp, smb_fname_dst, how),
   AT_PATH(srcdir_fsp, smb_fname_src),
   "rename")
#else
OP(int, renameat, ERRNO,
   (struct files_struct *srcdir_fsp, const struct smb_filename *smb_fname_src,
    struct files_struct *dstdir_fsp, const struct smb_filename *smb_fname_dst),
   (srcdir_fsp, smb_fname_src, dstdir_fsp, smb_fname_dst),
   AT_PATH(srcdir_fsp, smb_fname_src),
   "rename")
#endif

#if LATENCY_VFS_VERSION >= 52
OP(int, rename_stream, ERRNO,
   (struct files_struct *src_fsp, const char *dst_name,
    bool replace_if_exists),
   (src_fsp, dst_name, replace_if_exists), FSP_PATH(src_fsp),
   "rename a stream")
#endif

OP_PAIR(fsync, ERRNO, "flush a file to disk")

OP(int, stat, ERRNO,
   (struct smb_filename *smb_fname),
   (smb_fname), NAME_PATH(smb_fname),
   "attributes, following symlinks")

OP(int, fstat, ERRNO,
   (struct files_struct *fsp, SMB_STRUCT_STAT *sbuf),
   (fsp, sbuf), FSP_PATH(fsp),
   "attributes of an open file")

OP(int, lstat, ERRNO,
   (struct smb_filename *smb_filename),
   (smb_filename), NAME_PATH(smb_filename),
   "attributes of a path itself")

OP(int, fstatat, ERRNO,
   (const struct files_struct *dirfsp, const struct smb_filename *smb_fname,
    SMB_STRUCT_STAT *sbuf, int flags),
   (dirfsp, smb_fname, sbuf, flags), AT_PATH(dirfsp, smb_fname),
   "attributes below an open directory")

OP(uint64_t, get_alloc_size, NONE,
   (struct files_struct *fsp, const SMB_STRUCT_STAT *sbuf),
   (fsp, sbuf), FSP_PATH(fsp),
   "space a file takes up")

OP(int, unlinkat, ERRNO,
   (struct files_struct *srcdir_fsp, const struct smb_filename *smb_fname,
    int flags),
   (srcdir_fsp, smb_fname, flags), AT_PATH(srcdir_fsp, smb_fname),
   "remove a file or directory")

OP(int, fchmod, ERRNO,
   (struct files_struct *fsp, mode_t mode),
   (fsp, mode), FSP_PATH(fsp),
   "set the mode")

OP(int, fchown, ERRNO,
   (struct files_struct *fsp, uid_t uid, gid_t gid),
   (fsp, uid, gid), FSP_PATH(fsp),
   "set the owner")

OP(int, lchown, ERRNO,
   (const struct smb_filename *smb_fname, uid_t uid, gid_t gid),
   (smb_fname, uid, gid), NAME_PATH(smb_fname),
   "set the owner of a path itself")

OP(int, chdir, ERRNO,
   (const struct smb_filename *smb_fname),
   (smb_fname), NAME_PATH(smb_fname),
   "change the working directory")

#if LATENCY_VFS_VERSION < 53
OP(struct smb_filename *, getwd, POINTER,
   (TALLOC_CTX *mem_ctx),
   (mem_ctx), NO_PATH,
   "working directory")
#endif

OP(int, fntimes, ERRNO,
   (struct files_struct *fsp, struct smb_file_time *ft),
   (fsp, ft), FSP_PATH(fsp),
   "set time stamps")

OP(int, ftruncate, ERRNO,
   (struct files_struct *fsp, off_t offset),
   (fsp, offset), FSP_PATH(fsp),
   "set the size")

OP(int, fallocate, ERRNO,
   (struct files_struct *fsp, uint32_t mode, off_t offset, off_t len),
   (fsp, mode, offset, len), FSP_PATH(fsp),
   "reserve or free space")

OP(bool, lock, BOOL,
   (struct files_struct *fsp, int op, off_t offset, off_t count, int type),
   (fsp, op, offset, count, type), FSP_PATH(fsp),
   "set or test a POSIX lock")

OP(int, filesystem_sharemode, ERRNO,
   (struct files_struct *fsp, uint32_t share_access, uint32_t access_mask),
   (fsp, share_access, access_mask), FSP_PATH(fsp),
   "set a share mode in the file system")

OP_BY_HAND(fcntl, ERRNO, "file control")

OP(int, linux_setlease, ERRNO,
   (struct files_struct *fsp, int leasetype),
   (fsp, leasetype), FSP_PATH(fsp),
   "set a kernel lease (kernel oplocks)")

OP(bool, getlock, BOOL,
   (struct files_struct *fsp, off_t *poffset, off_t *pcount, int *ptype,
    pid_t *ppid),
   (fsp, poffset, pcount, ptype, ppid), FSP_PATH(fsp),
   "query a POSIX lock")

OP(int, symlinkat, ERRNO,
   (const struct smb_filename *link_contents, struct files_struct *dirfsp,
    const struct smb_filename *new_smb_fname),
   (link_contents, dirfsp, new_smb_fname), AT_PATH(dirfsp, new_smb_fname),
   "create a symlink")

OP(int, readlinkat, ERRNO,
   (const struct files_struct *dirfsp, const struct smb_filename *smb_fname,
    char *buf, size_t bufsiz),
   (dirfsp, smb_fname, buf, bufsiz), AT_PATH(dirfsp, smb_fname),
   "read a symlink")

OP(int, linkat, ERRNO,
   (struct files_struct *srcfsp, const struct smb_filename *old_smb_fname,
    struct files_struct *dstfsp, const struct smb_filename *new_smb_fname,
    int flags),
   (srcfsp, old_smb_fname, dstfsp, new_smb_fname, flags),
   AT_PATH(srcfsp, old_smb_fname),
   "create a hard link")

OP(int, mknodat, ERRNO,
   (struct files_struct *dirfsp, const struct smb_filename *smb_fname,
    mode_t mode, SMB_DEV_T dev),
   (dirfsp, smb_fname, mode, dev), AT_PATH(dirfsp, smb_fname),
   "create a special file")

OP(struct smb_filename *, realpath, POINTER,
   (TALLOC_CTX *ctx, const struct smb_filename *smb_fname),
   (ctx, smb_fname), NAME_PATH(smb_fname),
   "path without symlinks")

OP(int, fchflags, ERRNO,
   (struct files_struct *fsp, unsigned int flags),
   (fsp, flags), FSP_PATH(fsp),
   "set BSD file flags")

OP(struct file_id, file_id_create, NONE,
   (const SMB_STRUCT_STAT *sbuf),
   (sbuf), NO_PATH,
   "identity of a file")

OP(uint64_t, fs_file_id, NONE,
   (const SMB_STRUCT_STAT *sbuf),
   (sbuf), NO_PATH,
   "64-bit file number for the client")

OP_PAIR(offload_read, NTSTATUS, "make a token for a server-side copy")

OP_PAIR(offload_write, NTSTATUS, "server-side copy")

OP(NTSTATUS, fget_compression, NTSTATUS,
   (TALLOC_CTX *mem_ctx, struct files_struct *fsp, uint16_t *_compression_fmt),
   (mem_ctx, fsp, _compression_fmt), FSP_PATH(fsp),
   "compression state")

OP(NTSTATUS, set_compression, NTSTATUS,
   (TALLOC_CTX *mem_ctx, struct files_struct *fsp, uint16_t compression_fmt),
   (mem_ctx, fsp, compression_fmt), FSP_PATH(fsp),
   "set the compression state")

OP(NTSTATUS, snap_check_path, NTSTATUS,
   (TALLOC_CTX *mem_ctx, const char *service_path, char **base_volume),
   (mem_ctx, service_path, base_volume), NO_PATH,
   "whether this path can be snapshotted")

OP(NTSTATUS, snap_create, NTSTATUS,
   (TALLOC_CTX *mem_ctx, const char *base_volume, time_t *tstamp, bool rw,
    char **base_path, char **snap_path),
   (mem_ctx, base_volume, tstamp, rw, base_path, snap_path), NO_PATH,
   "create a snapshot")

OP(NTSTATUS, snap_delete, NTSTATUS,
   (TALLOC_CTX *mem_ctx, char *base_path, char *snap_path),
   (mem_ctx, base_path, snap_path), NO_PATH,
   "delete a snapshot")

OP(NTSTATUS, fstreaminfo, NTSTATUS,
   (struct files_struct *fsp, TALLOC_CTX *mem_ctx, unsigned int *num_streams,
    struct stream_struct **streams),
   (fsp, mem_ctx, num_streams, streams), FSP_PATH(fsp),
   "list the streams of a file")

OP(NTSTATUS, get_real_filename_at, NTSTATUS,
   (struct files_struct *dirfsp, const char *name, TALLOC_CTX *mem_ctx,
    char **found_name),
   (dirfsp, name, mem_ctx, found_name), FSP_PATH(dirfsp),
   "find a name regardless of case")

#if LATENCY_VFS_VERSION < 48
OP(const char *, connectpath, POINTER,
   (const struct smb_filename *smb_fname),
   (smb_fname), NAME_PATH(smb_fname),
   "root directory of a path")
#elif LATENCY_VFS_VERSION < 52
OP(const char *, connectpath, POINTER,
   (const struct files_struct *dirfsp, const struct smb_filename *smb_fname),
   (dirfsp, smb_fname), NAME_PATH(smb_fname),
   "root directory of a path")
#endif

OP(NTSTATUS, brl_lock_windows, NTSTATUS,
   (struct byte_range_lock *br_lck, struct lock_struct *plock),
   (br_lck, plock), NO_PATH,
   "set a byte-range lock")

OP(bool, brl_unlock_windows, BOOL,
   (struct byte_range_lock *br_lck, const struct lock_struct *plock),
   (br_lck, plock), NO_PATH,
   "remove a byte-range lock")

OP(bool, strict_lock_check, NONE,
   (struct files_struct *fsp, struct lock_struct *plock),
   (fsp, plock), FSP_PATH(fsp),
   "whether others have locked a range")

OP(NTSTATUS, translate_name, NTSTATUS,
   (const char *name, enum vfs_translate_direction direction,
    TALLOC_CTX *mem_ctx, char **mapped_name),
   (name, direction, mem_ctx, mapped_name), NO_PATH,
   "map a file name for the client")

OP(NTSTATUS, parent_pathname, NTSTATUS,
   (TALLOC_CTX *mem_ctx, const struct smb_filename *smb_fname_in,
    struct smb_filename **parent_dir_out, struct smb_filename **atname_out),
   (mem_ctx, smb_fname_in, parent_dir_out, atname_out), NAME_PATH(smb_fname_in),
   "split a path")

OP(NTSTATUS, fsctl, NTSTATUS,
   (struct files_struct *fsp, TALLOC_CTX *ctx, uint32_t function,
    uint16_t req_flags, const uint8_t *_in_data, uint32_t in_len,
    uint8_t **_out_data, uint32_t max_out_len, uint32_t *out_len),
   (fsp, ctx, function, req_flags, _in_data, in_len, _out_data, max_out_len,
    out_len), FSP_PATH(fsp),
   "file system control")

OP(NTSTATUS, fget_dos_attributes, NTSTATUS,
   (struct files_struct *fsp, uint32_t *dosmode),
   (fsp, dosmode), FSP_PATH(fsp),
   "DOS attributes")

OP(NTSTATUS, fset_dos_attributes, NTSTATUS,
   (struct files_struct *fsp, uint32_t dosmode),
   (fsp, dosmode), FSP_PATH(fsp),
   "set DOS attributes")

OP_PAIR(get_dos_attributes, NTSTATUS, "DOS attributes, asynchronously")

OP(NTSTATUS, fget_nt_acl, NTSTATUS,
   (struct files_struct *fsp, uint32_t security_info, TALLOC_CTX *mem_ctx,
    struct security_descriptor **ppdesc),
   (fsp, security_info, mem_ctx, ppdesc), FSP_PATH(fsp),
   "read a Windows ACL")

OP(NTSTATUS, fset_nt_acl, NTSTATUS,
   (struct files_struct *fsp, uint32_t security_info_sent,
    const struct security_descriptor *psd),
   (fsp, security_info_sent, psd), FSP_PATH(fsp),
   "set a Windows ACL")

#if LATENCY_VFS_VERSION < 52
OP(NTSTATUS, audit_file, NTSTATUS,
   (struct smb_filename *file, struct security_acl *sacl,
    uint32_t access_requested, uint32_t access_denied),
   (file, sacl, access_requested, access_denied), NAME_PATH(file),
   "audit an access")
#endif

OP(SMB_ACL_T, sys_acl_get_fd, POINTER,
   (struct files_struct *fsp, SMB_ACL_TYPE_T type, TALLOC_CTX *mem_ctx),
   (fsp, type, mem_ctx), FSP_PATH(fsp),
   "read a POSIX ACL")

OP(int, sys_acl_blob_get_fd, ERRNO,
   (struct files_struct *fsp, TALLOC_CTX *mem_ctx, char **blob_description,
    DATA_BLOB *blob),
   (fsp, mem_ctx, blob_description, blob), FSP_PATH(fsp),
   "read an ACL as a blob")

OP(int, sys_acl_set_fd, ERRNO,
   (struct files_struct *fsp, SMB_ACL_TYPE_T type, SMB_ACL_T theacl),
   (fsp, type, theacl), FSP_PATH(fsp),
   "set a POSIX ACL")

OP(int, sys_acl_delete_def_fd, ERRNO,
   (struct files_struct *fsp),
   (fsp), FSP_PATH(fsp),
   "remove a default POSIX ACL")

OP_PAIR(getxattrat, ERRNO, "read an extended attribute, asynchronously")

OP(ssize_t, fgetxattr, ERRNO,
   (struct files_struct *fsp, const char *name, void *value, size_t size),
   (fsp, name, value, size), FSP_PATH(fsp),
   "read an extended attribute")

OP(ssize_t, flistxattr, ERRNO,
   (struct files_struct *fsp, char *list, size_t size),
   (fsp, list, size), FSP_PATH(fsp),
   "list extended attributes")

OP(int, fremovexattr, ERRNO,
   (struct files_struct *fsp, const char *name),
   (fsp, name), FSP_PATH(fsp),
   "remove an extended attribute")

OP(int, fsetxattr, ERRNO,
   (struct files_struct *fsp, const char *name, const void *value, size_t size,
    int flags),
   (fsp, name, value, size, flags), FSP_PATH(fsp),
   "set an extended attribute")

OP(bool, aio_force, NONE,
   (struct files_struct *fsp),
   (fsp), FSP_PATH(fsp),
   "whether I/O on this file must be asynchronous")

OP(NTSTATUS, durable_cookie, NTSTATUS,
   (struct files_struct *fsp, TALLOC_CTX *mem_ctx, DATA_BLOB *cookie),
   (fsp, mem_ctx, cookie), FSP_PATH(fsp),
   "make a durable handle")

OP(NTSTATUS, durable_disconnect, NTSTATUS,
   (struct files_struct *fsp, const DATA_BLOB old_cookie, TALLOC_CTX *mem_ctx,
    DATA_BLOB *new_cookie),
   (fsp, old_cookie, mem_ctx, new_cookie), FSP_PATH(fsp),
   "park a durable handle")

#if LATENCY_VFS_VERSION >= 53
OP_OF_REQUEST(NTSTATUS, durable_reconnect, NTSTATUS,
   (struct smb_request *smb1req, struct smbXsrv_open *op,
    const DATA_BLOB old_cookie, const struct smb2_lease *lease,
    TALLOC_CTX *mem_ctx, struct files_struct **fsp, DATA_BLOB *new_cookie),
   (smb1req, op, old_cookie, lease, mem_ctx, fsp, new_cookie), NO_PATH,
   "reconnect a durable handle")
#else
OP_OF_REQUEST(NTSTATUS, durable_reconnect, NTSTATUS,
   (struct smb_request *smb1req, struct smbXsrv_open *op,
    const DATA_BLOB old_cookie, TALLOC_CTX *mem_ctx, struct files_struct **fsp,
    DATA_BLOB *new_cookie),
   (smb1req, op, old_cookie, mem_ctx, fsp, new_cookie), NO_PATH,
   "reconnect a durable handle")
#endif

OP(NTSTATUS, freaddir_attr, NTSTATUS,
   (struct files_struct *fsp, TALLOC_CTX *mem_ctx,
    struct readdir_attr_data **attr_data),
   (fsp, mem_ctx, attr_data), FSP_PATH(fsp),
   "extra attributes for a listing")

#undef OP
#undef OP_OF_REQUEST
#undef OP_BY_HAND
#undef OP_PAIR
#undef OP_PAIR_TOO
#undef VFS_VERSION
