/*
 * A layer that passes every op on and does nothing else: what being in the
 * stack costs, against which tests/bench measures. two_stamps.c makes another
 * one of it, that takes the time, too.
 *
 * The ops come from the op table. Those whose wrapper is written by hand
 * (connect, disconnect, fcntl) are left to the next layer, and so are the
 * send/recv pairs, but for the two that tests/bench makes use of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"

#ifndef MODULE
#define MODULE "pass_through"
#define BEFORE_OP
#define AFTER_OP
#endif

#define UNPACK(...) __VA_ARGS__
#define OP(ret, name, class, params, args, path, doc)                     \
	static ret pass_##name(struct vfs_handle_struct *handle,          \
			       UNPACK params)                             \
	{                                                                 \
		AFTER_OP                                                  \
		BEFORE_OP                                                 \
		return smb_vfs_call_##name(handle->next, UNPACK args);    \
	}
#include "latency_ops.h"

/* The lower layer's request is returned, as vfs_latency does it. */
#define PAIR(name, NAME, buffer)                                          \
	static struct tevent_req *pass_##name##_send(                     \
		struct vfs_handle_struct *handle, TALLOC_CTX *mem_ctx,    \
		struct tevent_context *ev, struct files_struct *fsp,      \
		buffer data, size_t n, off_t offset)                      \
	{                                                                 \
		BEFORE_OP                                                 \
		return smb_vfs_call_##name##_send(handle->next, mem_ctx,  \
						  ev, fsp, data, n,       \
						  offset);                \
	}                                                                 \
									  \
	static ssize_t pass_##name##_recv(struct tevent_req *req,         \
					  struct vfs_aio_state *state)    \
	{                                                                 \
		AFTER_OP                                                  \
		return SMB_VFS_##NAME##_RECV(req, state);                 \
	}
PAIR(pread, PREAD, void *)
PAIR(pwrite, PWRITE, const void *)

static const struct vfs_fn_pointers pass_functions = {
#define OP(ret, name, class, params, args, path, doc) \
	.name##_fn = pass_##name,
#include "latency_ops.h"
	.pread_send_fn = pass_pread_send,
	.pread_recv_fn = pass_pread_recv,
	.pwrite_send_fn = pass_pwrite_send,
	.pwrite_recv_fn = pass_pwrite_recv,
};

_PUBLIC_ NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx);
NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx)
{
	(void)mem_ctx;
	return smb_register_vfs(SMB_VFS_INTERFACE_VERSION, MODULE,
				&pass_functions);
}
