/*
 * Calls one op very often and writes down how long a call takes: the harness
 * of tests/bench. Two instances stand around the modules to be measured:
 *
 *	vfs objects = bench_loop:top MODULES bench_loop:bottom
 *
 * When a client closes a file named loop-OP, the top one calls OP of the next
 * layer bench:rounds times bench:loops times; the bottom one answers these
 * calls at once, so that what is measured is the way between the two. A file
 * named kernel-OP does the same with the calls going down to the kernel.
 *
 * The top one also times every tree connect and disconnect below it.
 *
 * Results go to the file bench:result, one line each:
 *	SHARE OP nanoseconds a call, of the fastest and of the median round
 *	SHARE connect|disconnect WALL_NS CPU_NS
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"
#include "latency_clock.h"

#define ROUNDS 101

static bool answer;		/* the bottom answers, instead of passing on */

/* What an op is called with. */
struct call {
	struct vfs_handle_struct *handle;
	struct files_struct *fsp;
	struct tevent_context *ev;
	DIR *dir;
};

static void result(struct vfs_handle_struct *handle, const char *what,
		   double first, double second)
{
	int snum = SNUM(handle->conn);
	const char *path = lp_parm_const_string(snum, "bench", "result", NULL);
	FILE *f = path != NULL ? fopen(path, "a") : NULL;

	if (f != NULL) {
		fprintf(f, "%s %s %.2f %.2f\n", lp_const_servicename(snum),
			what, first, second);
		fclose(f);
	}
}

/* --------------------------------- the ops -------------------------------- */

static void call_fstat(struct call *c)
{
	SMB_STRUCT_STAT sbuf;

	SMB_VFS_NEXT_FSTAT(c->handle, c->fsp, &sbuf);
}

static void call_readdir(struct call *c)
{
#if SMB_VFS_INTERFACE_VERSION >= 49
	SMB_VFS_NEXT_READDIR(c->handle, c->handle->conn->cwd_fsp, c->dir);
#else
	SMB_VFS_NEXT_READDIR(c->handle, c->handle->conn->cwd_fsp, c->dir, NULL);
#endif
}

static void call_openat(struct call *c)
{
	const struct vfs_open_how how = { .flags = O_RDONLY };
	int fd = SMB_VFS_NEXT_OPENAT(c->handle, c->handle->conn->cwd_fsp,
				     c->fsp->fsp_name, c->fsp, &how);

	if (fd >= 0 && !answer) {
		close(fd);
	}
}

static void call_translate_name(struct call *c)
{
	char *mapped = NULL;

	SMB_VFS_NEXT_TRANSLATE_NAME(c->handle, "name", vfs_translate_to_windows,
				    c->fsp, &mapped);
	TALLOC_FREE(mapped);
}

static void call_pread(struct call *c)
{
	struct vfs_aio_state state;
	char data[16];
	struct tevent_req *req = SMB_VFS_NEXT_PREAD_SEND(
		c->fsp, c->ev, c->handle, c->fsp, data, sizeof(data), 0);

	if (req != NULL && tevent_req_poll(req, c->ev)) {
		SMB_VFS_PREAD_RECV(req, &state);
	}
	TALLOC_FREE(req);
}

static const struct {
	const char *name;
	void (*call)(struct call *c);
} ops[] = {
	{ "fstat", call_fstat },
	{ "readdir", call_readdir },
	{ "openat", call_openat },
	{ "translate_name", call_translate_name },
	{ "pread", call_pread },
};

/* --------------------------------- bottom --------------------------------- */

#define ANSWERS(handle) \
	(answer && (handle)->param != NULL && \
	 strequal((handle)->param, "bottom"))

static int loop_fstat(struct vfs_handle_struct *handle,
		      struct files_struct *fsp, SMB_STRUCT_STAT *sbuf)
{
	return ANSWERS(handle) ? 0 : SMB_VFS_NEXT_FSTAT(handle, fsp, sbuf);
}

#if SMB_VFS_INTERFACE_VERSION >= 49
static struct dirent *loop_readdir(struct vfs_handle_struct *handle,
				   struct files_struct *dirfsp, DIR *dirp)
{
	return ANSWERS(handle) ? NULL :
		SMB_VFS_NEXT_READDIR(handle, dirfsp, dirp);
}
#else
static struct dirent *loop_readdir(struct vfs_handle_struct *handle,
				   struct files_struct *dirfsp, DIR *dirp,
				   SMB_STRUCT_STAT *sbuf)
{
	return ANSWERS(handle) ? NULL :
		SMB_VFS_NEXT_READDIR(handle, dirfsp, dirp, sbuf);
}
#endif

static int loop_openat(struct vfs_handle_struct *handle,
		       const struct files_struct *dirfsp,
		       const struct smb_filename *smb_fname,
		       struct files_struct *fsp,
		       const struct vfs_open_how *how)
{
	return ANSWERS(handle) ? 0 :
		SMB_VFS_NEXT_OPENAT(handle, dirfsp, smb_fname, fsp, how);
}

static NTSTATUS loop_translate_name(struct vfs_handle_struct *handle,
				    const char *name,
				    enum vfs_translate_direction direction,
				    TALLOC_CTX *mem_ctx, char **mapped)
{
	return ANSWERS(handle) ? NT_STATUS_NONE_MAPPED :
		SMB_VFS_NEXT_TRANSLATE_NAME(handle, name, direction, mem_ctx,
					    mapped);
}

struct pread_state {
	uint8_t nothing;
};

static struct tevent_req *loop_pread_send(
	struct vfs_handle_struct *handle, TALLOC_CTX *mem_ctx,
	struct tevent_context *ev, struct files_struct *fsp, void *data,
	size_t n, off_t offset)
{
	struct tevent_req *req;
	struct pread_state *state;

	if (!ANSWERS(handle)) {
		return SMB_VFS_NEXT_PREAD_SEND(mem_ctx, ev, handle, fsp, data,
					       n, offset);
	}
	req = tevent_req_create(mem_ctx, &state, struct pread_state);
	if (req == NULL) {
		return NULL;
	}
	tevent_req_done(req);
	return tevent_req_post(req, ev);
}

static ssize_t loop_pread_recv(struct tevent_req *req,
			       struct vfs_aio_state *aio_state)
{
	if (!answer) {
		return SMB_VFS_PREAD_RECV(req, aio_state);
	}
	*aio_state = (struct vfs_aio_state){ .duration = 100 };
	return 16;
}

/* ----------------------------------- top ---------------------------------- */

static int by_value(const void *a, const void *b)
{
	const double *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static void measure(struct call *c, const char *name,
		    void (*call)(struct call *))
{
	int snum = SNUM(c->handle->conn);
	int loops = lp_parm_int(snum, "bench", "loops", 1000);
	int rounds = lp_parm_int(snum, "bench", "rounds", ROUNDS);
	double ns[ROUNDS];
	int round, i;

	rounds = rounds < 1 || rounds > ROUNDS ? ROUNDS : rounds;
	for (round = 0; round < rounds; round++) {
		uint64_t start = clock_ns(CLOCK_MONOTONIC);

		for (i = 0; i < loops; i++) {
			call(c);
		}
		ns[round] = (double)(clock_ns(CLOCK_MONOTONIC) - start) / loops;
	}
	qsort(ns, (size_t)rounds, sizeof(ns[0]), by_value);
	result(c->handle, name, ns[0], ns[rounds / 2]);
}

static int loop_close(struct vfs_handle_struct *handle,
		      struct files_struct *fsp)
{
	const char *name = fsp->fsp_name->base_name;
	struct call c = { .handle = handle, .fsp = fsp };
	size_t i;

	if (handle->param == NULL || !strequal(handle->param, "top") ||
	    fsp->fsp_flags.is_pathref ||
	    (!strnequal(name, "loop-", 5) && !strnequal(name, "kernel-", 7))) {
		return SMB_VFS_NEXT_CLOSE(handle, fsp);
	}
	c.ev = samba_tevent_context_init(fsp);
	c.dir = opendir(".");
	answer = strnequal(name, "loop-", 5);
	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (strequal(strchr(name, '-') + 1, ops[i].name)) {
			measure(&c, name, ops[i].call);
		}
	}
	answer = false;
	if (c.dir != NULL) {
		closedir(c.dir);
	}
	TALLOC_FREE(c.ev);
	return SMB_VFS_NEXT_CLOSE(handle, fsp);
}

static int loop_connect(struct vfs_handle_struct *handle, const char *service,
			const char *user)
{
	uint64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t wall = clock_ns(CLOCK_MONOTONIC);
	int ret = SMB_VFS_NEXT_CONNECT(handle, service, user);

	wall = clock_ns(CLOCK_MONOTONIC) - wall;
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	if (handle->param != NULL && strequal(handle->param, "top")) {
		result(handle, "connect", (double)wall, (double)cpu);
	}
	return ret;
}

static void loop_disconnect(struct vfs_handle_struct *handle)
{
	uint64_t cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	uint64_t wall = clock_ns(CLOCK_MONOTONIC);

	SMB_VFS_NEXT_DISCONNECT(handle);
	wall = clock_ns(CLOCK_MONOTONIC) - wall;
	cpu = clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu;
	if (handle->param != NULL && strequal(handle->param, "top")) {
		result(handle, "disconnect", (double)wall, (double)cpu);
	}
}

static const struct vfs_fn_pointers loop_functions = {
	.connect_fn = loop_connect,
	.disconnect_fn = loop_disconnect,
	.readdir_fn = loop_readdir,
	.openat_fn = loop_openat,
	.close_fn = loop_close,
	.fstat_fn = loop_fstat,
	.translate_name_fn = loop_translate_name,
	.pread_send_fn = loop_pread_send,
	.pread_recv_fn = loop_pread_recv,
};

_PUBLIC_ NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx);
NTSTATUS samba_init_module(TALLOC_CTX *mem_ctx)
{
	(void)mem_ctx;
	return smb_register_vfs(SMB_VFS_INTERFACE_VERSION, "bench_loop",
				&loop_functions);
}
