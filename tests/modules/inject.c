/*
 * A VFS module for the tests: makes ops slow or makes them fail.
 *
 *	inject:op = openat	which op
 *	inject:ms = 10		how long it is delayed, in ms
 *	inject:sleep = yes	by sleeping; default: by a busy loop
 *	inject:blocked = yes	in a state in which nothing can interrupt it
 *	inject:errno = 28	it fails with this errno instead of being done;
 *				-1: errno is left alone (class BOOL only),
 *				and other ops leave EDOM in it
 *	inject:every = 3	only every third call; default: all
 *	inject:log = FILE	at disconnect, what was injected is appended:
 *				"OP CALLS NANOSECONDS"
 *
 * A busy loop is more exact than sleeping. The send functions of pread, pwrite
 * and fsync are delayed by a timer of smbd's event loop; other send functions
 * are passed through.
 *
 * What is logged is the time that the delays really took.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "includes.h"
#include "smbd/smbd.h"
#include "system/filesys.h"
#include "lib/util/tevent_ntstatus.h"
#include "lib/util/tevent_unix.h"

#include "latency_config.h"

struct inject {
	const char *op;
	unsigned ms;
	bool sleep, blocked;
	int fault;
	unsigned every;
	const char *log;
	uint64_t calls;			/* of the op */
	uint64_t injected;
	uint64_t delayed_ns;
};

static uint64_t now_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* What is to be done at this call of op; NULL: nothing. */
static struct inject *due(struct vfs_handle_struct *handle, const char *op)
{
	struct inject *inject = handle->data;

	if (inject != NULL && inject->fault == -1 &&
	    strcmp(inject->op, op) != 0) {
		errno = EDOM;
	}
	if (inject == NULL || strcmp(inject->op, op) != 0 ||
	    ++inject->calls % inject->every != 0) {
		return NULL;
	}
	inject->injected++;
	return inject;
}

/* The kernel does not let a process go on before its child of vfork(2). */
static void block(uint64_t ns)
{
	pid_t child = vfork();

	if (child == 0) {
		const struct timespec time = {
			.tv_sec = (time_t)(ns / 1000000000u),
			.tv_nsec = (long)(ns % 1000000000u),
		};

		nanosleep(&time, NULL);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

/* The errno that a synchronous call is to fail with, after its delay; or 0. */
static int inject_now(struct vfs_handle_struct *handle, const char *op)
{
	struct inject *inject = due(handle, op);
	uint64_t start, end, now;

	if (inject == NULL) {
		return 0;
	}
	start = now_ns();
	end = start + (uint64_t)inject->ms * 1000000u;
	for (now = start; now < end; now = now_ns()) {
		if (inject->blocked) {
			block(end - now);
		} else if (inject->sleep) {
			usleep((useconds_t)((end - now) / 1000 + 1));
		}
	}
	inject->delayed_ns += now_ns() - start;
	return inject->fault;
}

/* --------------------- synchronous ops, by the op table ------------------ */

#define UNPACK(...) __VA_ARGS__
#define NEXT(name, args) smb_vfs_call_##name(handle->next, UNPACK args)

#define FAIL_ERRNO(ret, fault) do { errno = fault; return (ret)(-1); } while (0)
#define FAIL_BYTES FAIL_ERRNO
#define FAIL_POINTER(ret, fault) do { errno = fault; return NULL; } while (0)
#define FAIL_BOOL(ret, fault)                                             \
	do {                                                              \
		errno = fault == -1 ? errno : fault;                      \
		return false;                                             \
	} while (0)
#define FAIL_NTSTATUS(ret, fault) return map_nt_error_from_unix(fault)
/* They cannot fail. */
#define FAIL_NONE(ret, fault) break
#define FAIL_VOID(ret, fault) break

#define OP(ret, name, class, params, args, path, doc)                     \
	static ret inject_##name(struct vfs_handle_struct *handle,        \
				 UNPACK params)                           \
	{                                                                 \
		int fault = inject_now(handle, #name);                    \
									  \
		while (fault != 0) {                                      \
			FAIL_##class(ret, fault);                         \
		}                                                         \
		return NEXT(name, args);                                  \
	}
#include "latency_ops.h"

/* -------------------------- asynchronous ops ----------------------------- */

struct delayed {
	struct inject *inject;		/* NULL: not delayed */
	uint64_t start_ns;
	struct tevent_context *ev;
	struct vfs_handle_struct *handle;
	struct files_struct *fsp;
	void *data;
	size_t n;
	off_t offset;
	struct tevent_req *(*send)(struct tevent_req *req);
	ssize_t (*recv)(struct tevent_req *subreq, struct vfs_aio_state *aio);
	ssize_t result;
	struct vfs_aio_state aio;
};

static struct delayed *state_of(struct tevent_req *req)
{
	return tevent_req_data(req, struct delayed);
}

static void delayed_done(struct tevent_req *subreq)
{
	struct tevent_req *req = tevent_req_callback_data(subreq,
							  struct tevent_req);
	struct delayed *d = state_of(req);

	d->result = d->recv(subreq, &d->aio);
	TALLOC_FREE(subreq);
	tevent_req_done(req);
}

static void delayed_send(struct tevent_req *req)
{
	struct tevent_req *subreq = state_of(req)->send(req);

	if (!tevent_req_nomem(subreq, req)) {
		tevent_req_set_callback(subreq, delayed_done, req);
	}
}

static void delay_over(struct tevent_req *subreq)
{
	struct tevent_req *req = tevent_req_callback_data(subreq,
							  struct tevent_req);
	struct delayed *d = state_of(req);

	tevent_wakeup_recv(subreq);
	TALLOC_FREE(subreq);
	d->inject->delayed_ns += now_ns() - d->start_ns;
	if (d->inject->fault != 0) {
		d->result = -1;
		d->aio.error = d->inject->fault;
		tevent_req_done(req);
		return;
	}
	delayed_send(req);
}

static struct tevent_req *inject_send(TALLOC_CTX *mem_ctx, const char *op,
				      const struct delayed *call)
{
	struct tevent_req *req, *subreq;
	struct delayed *d;

	req = tevent_req_create(mem_ctx, &d, struct delayed);
	if (req == NULL) {
		return NULL;
	}
	*d = *call;
	d->inject = due(d->handle, op);
	if (d->inject == NULL) {
		delayed_send(req);
	} else {
		d->start_ns = now_ns();
		subreq = tevent_wakeup_send(d, d->ev, timeval_current_ofs_msec(
						    d->inject->ms));
		if (!tevent_req_nomem(subreq, req)) {
			tevent_req_set_callback(subreq, delay_over, req);
		}
	}
	return tevent_req_is_in_progress(req) ? req :
		tevent_req_post(req, d->ev);
}

static ssize_t inject_recv(struct tevent_req *req, struct vfs_aio_state *aio)
{
	struct delayed *d = state_of(req);
	ssize_t result = d->result;

	if (tevent_req_is_unix_error(req, &aio->error)) {
		result = -1;
	} else {
		*aio = d->aio;
	}
	tevent_req_received(req);
	return result;
}

static struct tevent_req *next_pread(struct tevent_req *req)
{
	struct delayed *d = state_of(req);

	return SMB_VFS_NEXT_PREAD_SEND(d, d->ev, d->handle, d->fsp, d->data,
				       d->n, d->offset);
}

static ssize_t next_pread_recv(struct tevent_req *subreq,
			       struct vfs_aio_state *aio)
{
	return SMB_VFS_PREAD_RECV(subreq, aio);
}

static struct tevent_req *inject_pread_send(
	struct vfs_handle_struct *handle, TALLOC_CTX *mem_ctx,
	struct tevent_context *ev, struct files_struct *fsp, void *data,
	size_t n, off_t offset)
{
	const struct delayed call = {
		.ev = ev, .handle = handle, .fsp = fsp, .data = data, .n = n,
		.offset = offset, .send = next_pread, .recv = next_pread_recv,
	};

	return inject_send(mem_ctx, "pread", &call);
}

static struct tevent_req *next_pwrite(struct tevent_req *req)
{
	struct delayed *d = state_of(req);

	return SMB_VFS_NEXT_PWRITE_SEND(d, d->ev, d->handle, d->fsp, d->data,
					d->n, d->offset);
}

static ssize_t next_pwrite_recv(struct tevent_req *subreq,
				struct vfs_aio_state *aio)
{
	return SMB_VFS_PWRITE_RECV(subreq, aio);
}

static struct tevent_req *inject_pwrite_send(
	struct vfs_handle_struct *handle, TALLOC_CTX *mem_ctx,
	struct tevent_context *ev, struct files_struct *fsp, const void *data,
	size_t n, off_t offset)
{
	const struct delayed call = {
		.ev = ev, .handle = handle, .fsp = fsp,
		.data = discard_const(data), .n = n, .offset = offset,
		.send = next_pwrite, .recv = next_pwrite_recv,
	};

	return inject_send(mem_ctx, "pwrite", &call);
}

static struct tevent_req *next_fsync(struct tevent_req *req)
{
	struct delayed *d = state_of(req);

	return SMB_VFS_NEXT_FSYNC_SEND(d, d->ev, d->handle, d->fsp);
}

static ssize_t next_fsync_recv(struct tevent_req *subreq,
			       struct vfs_aio_state *aio)
{
	return SMB_VFS_FSYNC_RECV(subreq, aio);
}

static struct tevent_req *inject_fsync_send(struct vfs_handle_struct *handle,
					    TALLOC_CTX *mem_ctx,
					    struct tevent_context *ev,
					    struct files_struct *fsp)
{
	const struct delayed call = {
		.ev = ev, .handle = handle, .fsp = fsp,
		.send = next_fsync, .recv = next_fsync_recv,
	};

	return inject_send(mem_ctx, "fsync", &call);
}

static int inject_fsync_recv(struct tevent_req *req, struct vfs_aio_state *aio)
{
	return (int)inject_recv(req, aio);
}

/* ------------------------------ tree connect ----------------------------- */

static int inject_connect(struct vfs_handle_struct *handle,
			  const char *service, const char *user)
{
	int snum = SNUM(handle->conn);
	struct inject *inject = talloc_zero(handle->conn, struct inject);
	int fault;

	if (inject == NULL) {
		errno = ENOMEM;
		return -1;
	}
	inject->op = lp_parm_const_string(snum, "inject", "op", "");
	inject->ms = (unsigned)lp_parm_int(snum, "inject", "ms", 0);
	inject->sleep = lp_parm_bool(snum, "inject", "sleep", false);
	inject->blocked = lp_parm_bool(snum, "inject", "blocked", false);
	inject->fault = lp_parm_int(snum, "inject", "errno", 0);
	inject->every = (unsigned)lp_parm_int(snum, "inject", "every", 1);
	inject->log = lp_parm_const_string(snum, "inject", "log", NULL);
	handle->data = inject;

	fault = inject_now(handle, "connect");
	if (fault != 0) {
		errno = fault;
		return -1;
	}
	return SMB_VFS_NEXT_CONNECT(handle, service, user);
}

static void inject_disconnect(struct vfs_handle_struct *handle)
{
	const struct inject *inject = handle->data;
	FILE *log;

	if (inject != NULL && inject->log != NULL &&
	    (log = fopen(inject->log, "a")) != NULL) {
		fprintf(log, "%s %llu %llu\n", inject->op,
			(unsigned long long)inject->injected,
			(unsigned long long)inject->delayed_ns);
		fclose(log);
	}
	SMB_VFS_NEXT_DISCONNECT(handle);
}

static const struct vfs_fn_pointers inject_functions = {
#define OP(ret, name, class, params, args, path, doc) \
	.name##_fn = inject_##name,
#include "latency_ops.h"
	.connect_fn = inject_connect,
	.disconnect_fn = inject_disconnect,
	.pread_send_fn = inject_pread_send,
	.pread_recv_fn = inject_recv,
	.pwrite_send_fn = inject_pwrite_send,
	.pwrite_recv_fn = inject_recv,
	.fsync_send_fn = inject_fsync_send,
	.fsync_recv_fn = inject_fsync_recv,
};

_PUBLIC_ NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx);
NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx)
{
	(void)mem_ctx;
	return smb_register_vfs(SMB_VFS_INTERFACE_VERSION, "inject",
				&inject_functions);
}
