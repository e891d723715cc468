/*
 * The send/recv pairs.
 *
 * No tevent_req of our own is needed: smb_vfs_call_*_send() makes one for each
 * layer, so the lower layer's is returned as it is, and our recv function is
 * called with it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"
#include "async_op.h"
#include "op_path.h"
#include "vfs_latency_async.h"

/*
 * Functions until Samba 4.24 made macros over others of them. Weak, so that a
 * Samba without them loads the module, which then says that it was built for
 * another (registration.c).
 */
#ifdef SMB_VFS_PREAD_RECV
#pragma weak smb_vfs_call_pread_recv
#pragma weak smb_vfs_call_pwrite_recv
#pragma weak smb_vfs_call_fsync_recv
#else
#pragma weak SMB_VFS_PREAD_RECV
#pragma weak SMB_VFS_PWRITE_RECV
#pragma weak SMB_VFS_FSYNC_RECV
#endif

/*
 * Sends with the call `send` an op on path, which stays valid until the recv
 * function: Samba's own default functions rely on that as well.
 */
#define SEND(op, path, send)                                     \
	do {                                                     \
		uint64_t start_ns = async_op_begin(handle, op, path); \
		struct tevent_req *req;                          \
								 \
		if (start_ns == 0) {                             \
			return send;                             \
		}                                                \
		req = send;                                      \
		async_op_sent(start_ns, req, path);              \
		return req;                                      \
	} while (0)

struct tevent_req *latency_pread_send(struct vfs_handle_struct *handle,
				      TALLOC_CTX *mem_ctx,
				      struct tevent_context *ev,
				      struct files_struct *fsp, void *data,
				      size_t n, off_t offset)
{
	SEND(OP_pread, FSP_PATH_AT(fsp, offset),
	     SMB_VFS_NEXT_PREAD_SEND(mem_ctx, ev, handle, fsp, data, n,
				     offset));
}

ssize_t latency_pread_recv(struct tevent_req *req, struct vfs_aio_state *state)
{
	ssize_t result;

	async_op_resume(req);
	result = SMB_VFS_PREAD_RECV(req, state);
	async_op_received(req, result == -1 ? (uint32_t)state->error : 0,
			  result > 0 ? (uint64_t)result : 0, state->duration);
	return result;
}

struct tevent_req *latency_pwrite_send(struct vfs_handle_struct *handle,
				       TALLOC_CTX *mem_ctx,
				       struct tevent_context *ev,
				       struct files_struct *fsp,
				       const void *data, size_t n, off_t offset)
{
	SEND(OP_pwrite, FSP_PATH_AT(fsp, offset),
	     SMB_VFS_NEXT_PWRITE_SEND(mem_ctx, ev, handle, fsp, data, n,
				      offset));
}

ssize_t latency_pwrite_recv(struct tevent_req *req,
			    struct vfs_aio_state *state)
{
	ssize_t result;

	async_op_resume(req);
	result = SMB_VFS_PWRITE_RECV(req, state);
	async_op_received(req, result == -1 ? (uint32_t)state->error : 0,
			  result > 0 ? (uint64_t)result : 0, state->duration);
	return result;
}

struct tevent_req *latency_fsync_send(struct vfs_handle_struct *handle,
				      TALLOC_CTX *mem_ctx,
				      struct tevent_context *ev,
				      struct files_struct *fsp)
{
	SEND(OP_fsync, FSP_PATH(fsp),
	     SMB_VFS_NEXT_FSYNC_SEND(mem_ctx, ev, handle, fsp));
}

int latency_fsync_recv(struct tevent_req *req, struct vfs_aio_state *state)
{
	int result;

	async_op_resume(req);
	result = SMB_VFS_FSYNC_RECV(req, state);
	async_op_received(req, result == -1 ? (uint32_t)state->error : 0, 0,
			  state->duration);
	return result;
}

struct tevent_req *latency_getxattrat_send(
	TALLOC_CTX *mem_ctx, struct tevent_context *ev,
	struct vfs_handle_struct *handle, files_struct *dir_fsp,
	const struct smb_filename *smb_fname, const char *xattr_name,
	size_t alloc_hint)
{
	SEND(OP_getxattrat, AT_PATH(dir_fsp, smb_fname),
	     SMB_VFS_NEXT_GETXATTRAT_SEND(mem_ctx, ev, handle, dir_fsp,
					  smb_fname, xattr_name, alloc_hint));
}

ssize_t latency_getxattrat_recv(struct tevent_req *req,
				struct vfs_aio_state *state,
				TALLOC_CTX *mem_ctx, uint8_t **xattr_value)
{
	ssize_t result;

	async_op_resume(req);
	result = SMB_VFS_NEXT_GETXATTRAT_RECV(req, state, mem_ctx, xattr_value);
	async_op_received(req, result == -1 ? (uint32_t)state->error : 0, 0,
			  state->duration);
	return result;
}

struct tevent_req *latency_get_dos_attributes_send(
	TALLOC_CTX *mem_ctx, struct tevent_context *ev,
	struct vfs_handle_struct *handle, files_struct *dir_fsp,
	struct smb_filename *smb_fname)
{
	SEND(OP_get_dos_attributes, AT_PATH(dir_fsp, smb_fname),
	     SMB_VFS_NEXT_GET_DOS_ATTRIBUTES_SEND(mem_ctx, ev, handle, dir_fsp,
						  smb_fname));
}

NTSTATUS latency_get_dos_attributes_recv(struct tevent_req *req,
					 struct vfs_aio_state *state,
					 uint32_t *dosmode)
{
	NTSTATUS result;

	async_op_resume(req);
	result = SMB_VFS_NEXT_GET_DOS_ATTRIBUTES_RECV(req, state, dosmode);
	/* The duration is only filled in for success. */
	async_op_received(req, op_error_ntstatus(result), 0,
			  NT_STATUS_IS_OK(result) ? state->duration : 0);
	return result;
}

struct tevent_req *latency_offload_read_send(
	TALLOC_CTX *mem_ctx, struct tevent_context *ev,
	struct vfs_handle_struct *handle, struct files_struct *fsp,
	uint32_t fsctl, uint32_t ttl, off_t offset, size_t to_copy)
{
	SEND(OP_offload_read, FSP_PATH_AT(fsp, offset),
	     SMB_VFS_NEXT_OFFLOAD_READ_SEND(mem_ctx, ev, handle, fsp, fsctl,
					    ttl, offset, to_copy));
}

NTSTATUS latency_offload_read_recv(struct tevent_req *req,
				   struct vfs_handle_struct *handle,
				   TALLOC_CTX *mem_ctx, uint32_t *flags,
				   uint64_t *xferlen, DATA_BLOB *token_blob)
{
	NTSTATUS result;

	async_op_resume(req);
	result = SMB_VFS_NEXT_OFFLOAD_READ_RECV(req, handle, mem_ctx, flags,
						xferlen, token_blob);
	async_op_received(req, op_error_ntstatus(result), 0, 0);
	return result;
}

struct tevent_req *latency_offload_write_send(
	struct vfs_handle_struct *handle, TALLOC_CTX *mem_ctx,
	struct tevent_context *ev, uint32_t fsctl, DATA_BLOB *token,
	off_t transfer_offset, struct files_struct *dest_fsp, off_t dest_off,
	off_t to_copy)
{
	SEND(OP_offload_write, FSP_PATH_AT(dest_fsp, dest_off),
	     SMB_VFS_NEXT_OFFLOAD_WRITE_SEND(handle, mem_ctx, ev, fsctl, token,
					     transfer_offset, dest_fsp,
					     dest_off, to_copy));
}

NTSTATUS latency_offload_write_recv(struct vfs_handle_struct *handle,
				    struct tevent_req *req, off_t *copied)
{
	NTSTATUS result;

	async_op_resume(req);
	result = SMB_VFS_NEXT_OFFLOAD_WRITE_RECV(handle, req, copied);
	async_op_received(req, op_error_ntstatus(result),
			  NT_STATUS_IS_OK(result) ? (uint64_t)*copied : 0, 0);
	return result;
}
