/*
 * Holds the op table against every version of Samba's VFS interface, of which
 * a machine has only one. Compiled, never run, once for each
 * LATENCY_VFS_VERSION.
 *
 * Slots that all versions share are checked by the module itself, which meets
 * Samba's declarations. Here are the differences, told from the history that
 * Samba keeps in vfs.h: how many slots there are, what the slots are that came
 * or changed, and which are gone. A wrapper of each row shows that arguments,
 * path and error class fit its types.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <dirent.h>
#include <sys/types.h>

/* Samba's types, as far as the compiler must know them. */
typedef struct { uint32_t v; } NTSTATUS;
typedef struct { uint8_t *data; size_t length; } DATA_BLOB;
typedef struct files_struct files_struct;
typedef struct stat_ex SMB_STRUCT_STAT;
typedef struct quota SMB_DISK_QUOTA;
typedef struct acl *SMB_ACL_T;
typedef int SMB_ACL_TYPE_T;
typedef void TALLOC_CTX;
typedef dev_t SMB_DEV_T;
typedef union { uid_t uid; gid_t gid; } unid_t;
enum SMB_QUOTA_TYPE { QUOTA };
enum timestamp_set_resolution { RESOLUTION };
enum vfs_translate_direction { DIRECTION };
struct file_id { uint64_t inode; };
struct vfs_handle_struct { const struct table *fns; };

struct byte_range_lock;
struct dfs_GetDFSReferral;
struct ea_list;
struct lock_struct;
struct readdir_attr_data;
struct referral;
struct security_acl;
struct security_descriptor;
struct shadow_copy_data;
struct smb2_create_blobs;
struct smb2_lease;
struct smbXsrv_open;
struct smb_file_time;
struct smb_filename;
struct smb_request;
struct stream_struct;
struct vfs_open_how;
struct vfs_rename_how;
struct vfs_statvfs_struct;

#define UNPACK(...) __VA_ARGS__

/* ------------------------- the table of this version --------------------- */

struct table {
#define OP(ret, name, class, params, args, path, doc) \
	ret (*name##_fn)(struct vfs_handle_struct *handle, UNPACK params);
#define OP_BY_HAND(name, class, doc) void (*name##_fn)(void);
#define OP_PAIR_TOO(name) \
	void (*name##_send_fn)(void); \
	void (*name##_recv_fn)(void);
#define OP_PAIR(name, class, doc) OP_PAIR_TOO(name)
#include "latency_ops.h"
};

enum ops {
#define OP(ret, name, class, params, args, path, doc) OP_##name,
#define OP_BY_HAND(name, class, doc) OP_##name,
#define OP_PAIR(name, class, doc) OP_##name,
#include "latency_ops.h"
};

#define SLOTS(count) \
	_Static_assert(sizeof(struct table) == (count) * sizeof(void *), \
		       "another number of slots");
#define SLOT(ret, name, ...) \
	_Static_assert(__builtin_types_compatible_p( \
		__typeof__(((struct table *)NULL)->name##_fn), \
		ret (*)(struct vfs_handle_struct *, __VA_ARGS__)), \
		#name " is of another type");
/* Taken already if the table has such a row. */
#define GONE(name) enum { OP_##name };

/* ------------------------------ differences ------------------------------ */

#if LATENCY_VFS_VERSION == 47 || LATENCY_VFS_VERSION == 48
SLOTS(100)
#elif LATENCY_VFS_VERSION >= 49 && LATENCY_VFS_VERSION <= 51
SLOTS(98)
#elif LATENCY_VFS_VERSION == 52 || LATENCY_VFS_VERSION == 53
SLOTS(97)
#else
#error "how many slots has this version?"
#endif

#if LATENCY_VFS_VERSION < 48
SLOT(const char *, connectpath, const struct smb_filename *)
#elif LATENCY_VFS_VERSION < 52
SLOT(const char *, connectpath, const struct files_struct *,
     const struct smb_filename *)
#else
GONE(connectpath)
#endif

#if LATENCY_VFS_VERSION < 49
SLOT(void, seekdir, DIR *, long)
SLOT(long, telldir, DIR *)
SLOT(struct dirent *, readdir, files_struct *, DIR *, SMB_STRUCT_STAT *)
#else
GONE(seekdir)
GONE(telldir)
SLOT(struct dirent *, readdir, files_struct *, DIR *)
#endif

#if LATENCY_VFS_VERSION < 50
SLOT(int, renameat, files_struct *, const struct smb_filename *,
     files_struct *, const struct smb_filename *)
#else
SLOT(int, renameat, files_struct *, const struct smb_filename *,
     files_struct *, const struct smb_filename *,
     const struct vfs_rename_how *)
#endif

#if LATENCY_VFS_VERSION < 52
GONE(rename_stream)
SLOT(NTSTATUS, audit_file, struct smb_filename *, struct security_acl *,
     uint32_t, uint32_t)
#else
SLOT(int, rename_stream, files_struct *, const char *, bool)
GONE(audit_file)
#endif

#if LATENCY_VFS_VERSION < 53
GONE(open_share_root)
GONE(fstatvfs)
SLOT(int, statvfs, const struct smb_filename *, struct vfs_statvfs_struct *)
SLOT(struct smb_filename *, getwd, TALLOC_CTX *)
SLOT(uint64_t, disk_free, const struct smb_filename *, uint64_t *, uint64_t *,
     uint64_t *)
SLOT(int, get_quota, const struct smb_filename *, enum SMB_QUOTA_TYPE, unid_t,
     SMB_DISK_QUOTA *)
SLOT(int, set_quota, enum SMB_QUOTA_TYPE, unid_t, SMB_DISK_QUOTA *)
SLOT(NTSTATUS, durable_reconnect, struct smb_request *, struct smbXsrv_open *,
     const DATA_BLOB, TALLOC_CTX *, files_struct **, DATA_BLOB *)
#else
SLOT(int, open_share_root, files_struct *, const char *)
SLOT(int, fstatvfs, files_struct *, struct vfs_statvfs_struct *)
GONE(statvfs)
GONE(getwd)
SLOT(uint64_t, disk_free, files_struct *, uint64_t *, uint64_t *, uint64_t *)
SLOT(int, get_quota, files_struct *, enum SMB_QUOTA_TYPE, unid_t,
     SMB_DISK_QUOTA *)
SLOT(int, set_quota, files_struct *, enum SMB_QUOTA_TYPE, unid_t,
     SMB_DISK_QUOTA *)
SLOT(NTSTATUS, durable_reconnect, struct smb_request *, struct smbXsrv_open *,
     const DATA_BLOB, const struct smb2_lease *, TALLOC_CTX *, files_struct **,
     DATA_BLOB *)
#endif

/* -------------------------------- wrappers -------------------------------- */

#define FSP_PATH(open_file) seen((open_file), NULL)
#define FSP_PATH_AT(open_file, offset) seen((open_file), NULL)
#define NAME_PATH(smb_fname) seen(NULL, (smb_fname))
#define AT_PATH(dirfsp, smb_fname) seen((dirfsp), (smb_fname))
#define NO_PATH ((void)0)

static inline void seen(const files_struct *fsp,
			const struct smb_filename *name)
{
	(void)fsp;
	(void)name;
}

#define FAILED_ERRNO(returned) ((returned) == (__typeof__(returned))-1)
#define FAILED_BYTES(returned) \
	_Generic((returned), ssize_t: FAILED_ERRNO(returned))
#define FAILED_POINTER(returned) ((const void *)(returned) == NULL)
#define FAILED_BOOL(returned) _Generic((returned), bool: !(returned))
#define FAILED_NTSTATUS(returned) ((returned).v >= 0xc0000000u)
#define FAILED_NONE(returned) (returned)

#define WRAP(ret, name, class, params, args, path)                        \
	static inline ret wrap_##name(struct vfs_handle_struct *handle,   \
				      UNPACK params)                      \
	{                                                                 \
		ret returned;                                             \
                                                                          \
		path;                                                     \
		returned = handle->fns->name##_fn(handle, UNPACK args);   \
		(void)FAILED_##class(returned);                           \
		return returned;                                          \
	}
#define WRAP_VOID(ret, name, class, params, args, path)                   \
	static inline ret wrap_##name(struct vfs_handle_struct *handle,   \
				      UNPACK params)                      \
	{                                                                 \
		path;                                                     \
		handle->fns->name##_fn(handle, UNPACK args);              \
	}
#define WRAP_ERRNO WRAP
#define WRAP_BYTES WRAP
#define WRAP_POINTER WRAP
#define WRAP_BOOL WRAP
#define WRAP_NTSTATUS WRAP
#define WRAP_NONE WRAP

#define OP(ret, name, class, params, args, path, doc) \
	WRAP_##class(ret, name, class, params, args, path)
#include "latency_ops.h"

extern const struct table wrappers;
const struct table wrappers = {
#define OP(ret, name, class, params, args, path, doc) \
	.name##_fn = wrap_##name,
#include "latency_ops.h"
};
