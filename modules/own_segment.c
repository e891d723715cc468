/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <limits.h>

#include "own_segment.h"
#include "control.h"
#include "cpu_wait.h"
#include "latency_clock.h"
#include "smb_conf.h"
#include "process.h"
#include "segment_dir.h"
#include "segment_fold.h"

static bool has_failed;		/* and it was said; not tried again */

/* Where the segment is, and whose it is. */
static struct {
	char directory[PATH_MAX];
	pid_t pid;
} made;

static void add_ops(struct segment_writer *w)
{
#define OP(ret, name, class, params, args, path, doc) \
	segment_add_op(w, #name, LATENCY_CLASS_##class);
#define OP_BY_HAND(name, class, doc) \
	segment_add_op(w, #name, LATENCY_CLASS_##class);
#define OP_PAIR(name, class, doc) \
	segment_add_op(w, #name, LATENCY_CLASS_##class);
#include "latency_ops.h"
}

/* Folds segments of processes that have ended; says once if it fails. */
static void fold_some(int dir, bool cheap)
{
	static bool said;
	struct latency_error error;

	if (!segment_fold_some(dir, cheap, &error) && !said) {
		said = true;
		DBG_ERR("vfs_latency: segments of processes that have ended "
			"cannot be added up: %s\n", error.text);
	}
}

/* The client is gone: now there is time to fold what connects have left. */
static void fold_at_exit(void)
{
	struct latency_error ignored;
	int dir;

	if (made.pid != getpid()) {
		return;
	}
	dir = segment_dir_open(made.directory, false, &ignored);
	if (dir != -1) {
		fold_some(dir, false);
		close(dir);
	}
}

/* Called for every segment that is made: once in a process, and its child. */
static void note_made(const char *directory)
{
	static bool registered;

	snprintf(made.directory, sizeof(made.directory), "%s", directory);
	made.pid = getpid();
	registered = registered || atexit(fold_at_exit) == 0;
}

/* Makes the segment in the directory path, and folds those of the dead. */
static bool make_segment(const char *path, struct latency_error *error)
{
	struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = (uint32_t)getpid(),
		.start_realtime_ns = clock_ns(CLOCK_REALTIME),
		.start_monotonic_ns = clock_ns(CLOCK_MONOTONIC),
		.samba_version = samba_version_string(),
	};
	struct segment_writer *w;
	char name[64];
	int dir;

	/* Processes of the same pid start at different times. */
	identity.id = identity.start_realtime_ns ^ (uint64_t)identity.pid << 40;
	snprintf(name, sizeof(name), LATENCY_SEGMENT_NAME, identity.pid,
		 (unsigned long long)identity.id);

	dir = segment_dir_open(path, true, error);
	if (dir == -1) {
		return false;
	}
	fold_some(dir, true);
	w = segment_create(dir, name, &identity, error);
	if (w != NULL) {
		/* Now, not earlier: see control.h. */
		control_inherit(dir, &w->header->control);
	}
	close(dir);
	if (w == NULL) {
		return false;
	}
	add_ops(w);
	segment_publish(w);
	note_made(path);
	process_set_segment(w);
	return true;
}

bool own_segment_make(void)
{
	struct latency_error error = { .text = "out of memory" };
	const char *path;
	bool ok = false;

	if (latency_segment != NULL || has_failed) {
		return latency_segment != NULL;
	}
	clock_init();
	path = smb_conf_directory(&error);
	if (path != NULL) {
		/* Once for both: that is nine system calls each way. */
		become_root();
		cpu_wait_open();
		ok = make_segment(path, &error);
		unbecome_root();
	}
	if (!ok) {
		has_failed = true;
		DBG_ERR("vfs_latency: this smbd is not measured: %s\n",
			error.text);
	}
	return ok;
}

void own_segment_forget(void)
{
	has_failed = false;
}
