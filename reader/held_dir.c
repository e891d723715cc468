/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <unistd.h>

#include "held_dir.h"
#include "segment_dir.h"

/* Folding, which a reader waits for, takes milliseconds. */
#define LOCK_TIMEOUT_MS 5000

void held_dir_error(const char *directory, struct latency_error *error)
{
	segment_dir_lock_error(directory, LOCK_TIMEOUT_MS, error);
}

/* Can we read nevertheless, without folding? */
static bool may_share(int reason)
{
	return reason == EROFS || reason == EACCES || reason == EPERM ||
		reason == EAGAIN;
}

bool held_dir_open(struct held_dir *held, const char *directory,
		   struct latency_error *error)
{
	held->fd = segment_dir_open(directory, false, error);
	if (held->fd == -1) {
		return false;
	}
	held->lock = segment_dir_lock(held->fd, true, LOCK_TIMEOUT_MS);
	held->exclusive = held->lock != -1;
	held->refusal = held->exclusive ? 0 : errno;
	if (held->lock == -1 && may_share(errno)) {
		held->lock = segment_dir_lock(held->fd, false,
					      errno == EAGAIN ? 0 :
					      LOCK_TIMEOUT_MS);
		if (held->lock != -1 || errno == ENOENT) {
			return true;
		}
	}
	if (held->lock == -1) {
		held_dir_error(directory, error);
		close(held->fd);
		return false;
	}
	return true;
}

void held_dir_share(struct held_dir *held)
{
	if (held->exclusive) {
		segment_dir_share(held->lock);
		held->exclusive = false;
	}
}

void held_dir_close(struct held_dir *held)
{
	segment_dir_unlock(held->lock);
	close(held->fd);
}
