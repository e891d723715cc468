/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "control.h"
#include "segment_dir.h"

#ifndef PUBLISH_TRIES		/* the fuzzers set less */
#define PUBLISH_TRIES 200	/* times a millisecond */
#endif
#define LOCK_TIMEOUT_MS 5000

/*
 * What the file holds; zero is what it lacks. Returns false with *error if it
 * cannot be read.
 */
static bool read_file(int dir, struct latency_control *control,
		      struct latency_error *error)
{
	int fd = segment_open(dir, CONTROL_NAME, O_RDONLY, error);
	ssize_t size;

	memset(control, 0, sizeof(*control));
	if (fd == -1) {
		return errno == ENOENT;
	}
	size = pread(fd, control, sizeof(*control), 0);
	if (size == -1) {
		error_set(error, "%s: cannot read: %s", CONTROL_NAME,
			  strerror(errno));
	}
	close(fd);
	return size != -1;
}

void control_inherit(int dir, struct latency_control *control)
{
	struct latency_control read;

	/* As a rule there is none, and the words for that take 5 us. */
	if (read_file(dir, &read, NULL)) {
		*control = read;
	}
}

static void apply(const struct control_change *change,
		  struct latency_control *control)
{
	if (change->set_off) {
		control->off = change->off;
	}
	if (change->set_slow) {
		control->slow_set = !change->slow_from_conf;
		control->slow_ms = change->slow_ms;
	}
}

static bool write_word(int fd, uint32_t value, size_t offset)
{
	return pwrite(fd, &value, sizeof(value), (off_t)offset) ==
		(ssize_t)sizeof(value);
}

bool control_trace(int fd, uint32_t until_s)
{
	return write_word(fd, until_s, offsetof(struct latency_header,
						control.trace_until));
}

/* Writes only what is to change: other words may be changed by others. */
static bool write_control(int fd, size_t at,
			  const struct control_change *change)
{
	struct latency_control control = { .off = 0 };
	bool ok = true;

	apply(change, &control);
	if (change->set_off) {
		ok = write_word(fd, control.off, at +
				offsetof(struct latency_control, off));
	}
	if (change->set_slow) {
		/*
		 * slow_set last, pairs with layer_update(): the file is locked
		 * in each write, and so they stay in order.
		 */
		ok = ok && write_word(fd, control.slow_ms, at +
				      offsetof(struct latency_control,
					       slow_ms)) &&
			write_word(fd, control.slow_set, at +
				   offsetof(struct latency_control, slow_set));
	}
	return ok;
}

/* The caller holds the directory exclusively. */
static bool write_file(int dir, const struct control_change *change,
		       struct latency_error *error)
{
	struct latency_control control;
	bool ok;
	int fd;

	if (!read_file(dir, &control, error)) {
		return false;
	}
	apply(change, &control);
	unlinkat(dir, CONTROL_NEW_NAME, 0);
	fd = segment_open(dir, CONTROL_NEW_NAME, O_RDWR | O_CREAT | O_EXCL,
			  error);
	if (fd == -1) {
		return false;
	}
	segment_admit_group(dir, fd);
	ok = pwrite(fd, &control, sizeof(control), 0) ==
		(ssize_t)sizeof(control) &&
		renameat(dir, CONTROL_NEW_NAME, dir, CONTROL_NAME) == 0;
	if (!ok) {
		error_set(error, "%s: cannot write: %s", CONTROL_NAME,
			  strerror(errno));
		unlinkat(dir, CONTROL_NEW_NAME, 0);
	}
	close(fd);
	return ok;
}

/* Waits for the magic; false if it does not come or is another's. */
static bool published(int fd, struct latency_header *h)
{
	static const char none[sizeof(h->magic)];
	const struct timespec pause = { 0, 1000000 };
	unsigned i;

	for (i = 0; i < PUBLISH_TRIES; i++) {
		if (pread(fd, h, sizeof(*h), 0) == (ssize_t)sizeof(*h) &&
		    memcmp(h->magic, none, sizeof(none)) != 0) {
			return memcmp(h->magic, LATENCY_MAGIC,
				      sizeof(h->magic)) == 0 &&
				h->byte_order == LATENCY_BYTE_ORDER &&
				h->major == LATENCY_MAJOR;
		}
		if (!segment_owned(fd)) {
			return false;
		}
		nanosleep(&pause, NULL);
	}
	return false;
}

/* Makes the change in one segment; *found if it is a living smbd's. */
static bool change_segment(int dir, const char *name,
			   const struct control_change *change, bool *found,
			   struct latency_error *error)
{
	struct latency_header h;
	int fd = segment_open(dir, name, O_RDWR, error);
	bool ok = true;

	if (fd == -1) {
		return errno == ENOENT;
	}
	if (segment_owned(fd) && published(fd, &h)) {
		*found = true;
		ok = write_control(fd, offsetof(struct latency_header,
						control), change);
		if (!ok) {
			error_set(error, "%s: cannot write: %s", name,
				  strerror(errno));
		}
	}
	close(fd);
	return ok;
}

static bool change_segments(int dir, pid_t pid,
			    const struct control_change *change, bool *found,
			    struct latency_error *error)
{
	DIR *d = segment_dir_list(dir);
	struct dirent *e;
	bool ok = true;

	if (d == NULL) {
		error_set(error, "cannot list the segments: %s",
			  strerror(errno));
		return false;
	}
	while ((e = readdir(d)) != NULL) {
		pid_t of = segment_name_pid(e->d_name);

		/* One that is bad does not keep the others from changing. */
		if (of != 0 && (pid == 0 || of == pid)) {
			ok &= change_segment(dir, e->d_name, change, found,
					     error);
		}
	}
	closedir(d);
	return ok;
}

bool control_change(const char *directory, pid_t pid,
		    const struct control_change *change,
		    struct latency_error *error)
{
	/* The first smbd to come shall find it as well. */
	int dir = segment_dir_open(directory, pid == 0, error);
	bool found = false, ok;
	int lock;

	if (dir == -1) {
		return false;
	}
	/* So file and segments stay alike, and nobody's change is lost. */
	lock = segment_dir_lock(dir, true, LOCK_TIMEOUT_MS);
	if (lock == -1) {
		segment_dir_lock_error(directory, LOCK_TIMEOUT_MS, error);
		close(dir);
		return false;
	}
	ok = (pid != 0 || write_file(dir, change, error)) &&
		change_segments(dir, pid, change, &found, error);
	segment_dir_unlock(lock);
	close(dir);
	if (ok && pid != 0 && !found) {
		error_set(error, "no smbd with pid %d is measured", (int)pid);
		errno = ESRCH;
		return false;
	}
	return ok;
}
