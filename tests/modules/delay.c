/*
 * For tests: makes one op slow, by a known time.
 *
 *	vfs objects = latency delay
 *	delay:op = openat	which, by its name in latency_ops.h
 *	delay:ms = 10		by how much each call
 *
 * A synchronous op sleeps before it is passed on. The send/recv pairs of
 * pread, pwrite and fsync wait in the event loop instead, before the next
 * layer's send is called; the other pairs are not delayed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "includes.h"
#include "smbd/smbd.h"
#include "system/filesys.h"
#include "lib/util/tevent_unix.h"

#define UNPACK(...) __VA_ARGS__

/* How long to delay this op, in ms; 0: not at all. */
static int delay_of(const struct vfs_handle_struct *handle, const char *op)
{
	int snum = SNUM(handle->conn);
	const char *which = lp_parm_const_string(snum, "delay", "op", "");

	return strcmp(which, op) == 0 ? lp_parm_int(snum, "delay", "ms", 0) : 0;
}

static void delay(const struct vfs_handle_struct *handle, const char *op)
{
	int ms = delay_of(handle, op);

	if (ms > 0) {
		smb_msleep((unsigned)ms);
	}
}

/* --------------------------- synchronous ops ----------------------------- */

#define WRAP(ret, name, params, args)                                     \
	static ret delay_##name(struct vfs_handle_struct *handle,         \
				UNPACK params)                            \
	{                                                                 \
		delay(handle, #name);                                     \
		return smb_vfs_call_##name(handle->next, UNPACK args);    \
	}
#define WRAP_VOID(ret, name, params, args)                                \
	static void delay_##name(struct vfs_handle_struct *handle,        \
				 UNPACK params)                           \
	{                                                                 \
		delay(handle, #name);                                     \
		smb_vfs_call_##name(handle->next, UNPACK args);           \
	}
#define WRAP_ERRNO WRAP
#define WRAP_BYTES WRAP
#define WRAP_POINTER WRAP
#define WRAP_BOOL WRAP
#define WRAP_NTSTATUS WRAP
#define WRAP_NONE WRAP
#define OP(ret, name, class, params, args, path, doc) \
	WRAP_##class(ret, name, params, args)
#include "latency_ops.h"

static int delay_fcntl(struct vfs_handle_struct *handle,
		       struct files_struct *fsp, int cmd, va_list cmd_arg)
{
	va_list copy;
	void *arg;

	va_copy(copy, cmd_arg);
	arg = va_arg(copy, void *);
	va_end(copy);
	delay(handle, "fcntl");
	return SMB_VFS_NEXT_FCNTL(handle, fsp, cmd, arg);
}

/* --------------------------- asynchronous ops ---------------------------- */

enum which { PREAD, PWRITE, FSYNC };

struct delay_state {
	struct vfs_handle_struct *handle;
	struct tevent_context *ev;
	struct files_struct *fsp;
	enum which which;
	void *data;
	size_t n;
	off_t offset;
	ssize_t result;
	struct vfs_aio_state aio;
};

static void delay_done(struct tevent_req *subreq)
{
	struct tevent_req *req = tevent_req_callback_data(subreq,
							  struct tevent_req);
	struct delay_state *s = tevent_req_data(req, struct delay_state);

	switch (s->which) {
	case PREAD:
		s->result = SMB_VFS_PREAD_RECV(subreq, &s->aio);
		break;
	case PWRITE:
		s->result = SMB_VFS_PWRITE_RECV(subreq, &s->aio);
		break;
	case FSYNC:
		s->result = SMB_VFS_FSYNC_RECV(subreq, &s->aio);
		break;
	}
	TALLOC_FREE(subreq);
	tevent_req_done(req);
}

static void delay_send_next(struct tevent_req *req)
{
	struct delay_state *s = tevent_req_data(req, struct delay_state);
	struct tevent_req *subreq = NULL;

	switch (s->which) {
	case PREAD:
		subreq = SMB_VFS_NEXT_PREAD_SEND(s, s->ev, s->handle, s->fsp,
						 s->data, s->n, s->offset);
		break;
	case PWRITE:
		subreq = SMB_VFS_NEXT_PWRITE_SEND(s, s->ev, s->handle, s->fsp,
						  s->data, s->n, s->offset);
		break;
	case FSYNC:
		subreq = SMB_VFS_NEXT_FSYNC_SEND(s, s->ev, s->handle, s->fsp);
		break;
	}
	if (tevent_req_nomem(subreq, req)) {
		return;
	}
	tevent_req_set_callback(subreq, delay_done, req);
}

static void delay_over(struct tevent_req *subreq)
{
	struct tevent_req *req = tevent_req_callback_data(subreq,
							  struct tevent_req);

	tevent_wakeup_recv(subreq);
	TALLOC_FREE(subreq);
	delay_send_next(req);
}

static struct tevent_req *delay_send(TALLOC_CTX *mem_ctx, const char *op,
				     const struct delay_state *wanted)
{
	struct delay_state *s;
	struct tevent_req *req, *subreq;
	int ms = delay_of(wanted->handle, op);

	req = tevent_req_create(mem_ctx, &s, struct delay_state);
	if (req == NULL) {
		return NULL;
	}
	*s = *wanted;
	if (ms <= 0) {
		delay_send_next(req);
		return tevent_req_is_in_progress(req) ? req :
			tevent_req_post(req, s->ev);
	}
	subreq = tevent_wakeup_send(s, s->ev,
				    timeval_current_ofs_msec((uint32_t)ms));
	if (tevent_req_nomem(subreq, req)) {
		return tevent_req_post(req, s->ev);
	}
	tevent_req_set_callback(subreq, delay_over, req);
	return req;
}

static ssize_t delay_recv(struct tevent_req *req, struct vfs_aio_state *aio)
{
	struct delay_state *s = tevent_req_data(req, struct delay_state);
	ssize_t result = s->result;

	*aio = s->aio;
	if (tevent_req_is_unix_error(req, &aio->error)) {
		result = -1;
	}
	tevent_req_received(req);
	return result;
}

static struct tevent_req *delay_pread_send(struct vfs_handle_struct *handle,
					   TALLOC_CTX *mem_ctx,
					   struct tevent_context *ev,
					   struct files_struct *fsp, void *data,
					   size_t n, off_t offset)
{
	struct delay_state s = {
		.handle = handle, .ev = ev, .fsp = fsp, .which = PREAD,
		.data = data, .n = n, .offset = offset,
	};

	return delay_send(mem_ctx, "pread", &s);
}

static struct tevent_req *delay_pwrite_send(struct vfs_handle_struct *handle,
					    TALLOC_CTX *mem_ctx,
					    struct tevent_context *ev,
					    struct files_struct *fsp,
					    const void *data, size_t n,
					    off_t offset)
{
	struct delay_state s = {
		.handle = handle, .ev = ev, .fsp = fsp, .which = PWRITE,
		.data = discard_const(data), .n = n, .offset = offset,
	};

	return delay_send(mem_ctx, "pwrite", &s);
}

static struct tevent_req *delay_fsync_send(struct vfs_handle_struct *handle,
					   TALLOC_CTX *mem_ctx,
					   struct tevent_context *ev,
					   struct files_struct *fsp)
{
	struct delay_state s = {
		.handle = handle, .ev = ev, .fsp = fsp, .which = FSYNC,
	};

	return delay_send(mem_ctx, "fsync", &s);
}

static int delay_fsync_recv(struct tevent_req *req, struct vfs_aio_state *aio)
{
	return (int)delay_recv(req, aio);
}

static const struct vfs_fn_pointers delay_functions = {
#define OP(ret, name, class, params, args, path, doc) .name##_fn = delay_##name,
#include "latency_ops.h"
	.fcntl_fn = delay_fcntl,
	.pread_send_fn = delay_pread_send,
	.pread_recv_fn = delay_recv,
	.pwrite_send_fn = delay_pwrite_send,
	.pwrite_recv_fn = delay_recv,
	.fsync_send_fn = delay_fsync_send,
	.fsync_recv_fn = delay_fsync_recv,
};

_PUBLIC_ NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx);
NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx)
{
	(void)mem_ctx;
	return smb_register_vfs(SMB_VFS_INTERFACE_VERSION, "delay",
				&delay_functions);
}
