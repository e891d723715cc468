/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>

#include "invariant.h"
#include "segment_lines.h"

#define GROW_LINES LINES(16u << 10)

bool lines_reserve(struct segment_writer *w, uint32_t end)
{
	uint32_t to = (end + GROW_LINES - 1) / GROW_LINES * GROW_LINES;
	int ret;

	if (end <= w->reserved) {
		return true;
	}
	if (w->full != 0) {
		return false;
	}
	if ((size_t)to * LATENCY_LINE > w->limit) {
		w->full = EFBIG;
		return false;
	}
	if (w->fd == -1) {
		return false;
	}
	ret = posix_fallocate(w->fd, (off_t)w->reserved * LATENCY_LINE,
			      (off_t)(to - w->reserved) * LATENCY_LINE);
	if (ret != 0) {
		w->full = ret;
		return false;
	}
	w->reserved = to;
	return true;
}

uint32_t lines_claim(struct segment_writer *w, size_t bytes)
{
	int saved_errno = errno;
	uint32_t line = 0;

	if (lines_reserve(w, w->used + LINES(bytes))) {
		line = w->used;
		w->used += LINES(bytes);
		word_write(&w->header->used, w->used);
	}
	INVARIANT(w->used <= w->reserved);
	errno = saved_errno;
	return line;
}
