/*
 * The lines of a segment that is being written: backed by disk blocks, claimed
 * one after the other, never given back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_LINES_H
#define SEGMENT_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arena.h"
#include "hash.h"
#include "latency_format.h"
#include "sequence.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

#define LINES(bytes) (((bytes) + LATENCY_LINE - 1) / LATENCY_LINE)

struct segment_writer {
	unsigned char *base;		/* LATENCY_MAX_SIZE bytes mapped */
	struct latency_header *header;	/* = base */
	int fd;
	uint32_t used;			/* lines */
	uint32_t reserved;		/* lines backed by disk blocks */
	size_t limit;			/* bytes that it may become */
	int full;			/* errno of why no more is to be had */
	struct slot_writer *slots;
	struct hash free_slots;		/* without a tree connect, by key */
	struct latency_slot *last_slot;
	struct arena arena;		/* of all that is private and stays */
	struct latency_slow_ring *slow_ring; /* NULL: not claimed */
	struct flight_writer *flights;	/* NULL: not claimed */
	struct latency_trace *trace;	/* NULL: not claimed */
	struct connection_writer *connections; /* NULL: not claimed */
	uint32_t slot_count;
	uint32_t ops;
	uint32_t layers;
};

/*
 * Backs lines up to `end` with disk blocks, so that touching them can never
 * fail. After a failure nothing more is tried until somebody resets w->full.
 */
bool lines_reserve(struct segment_writer *w, uint32_t end);

/* Claims zero-filled lines; returns the first, or 0 if there is no room. */
uint32_t lines_claim(struct segment_writer *w, size_t bytes);

static inline void *lines_at(struct segment_writer *w, uint32_t line)
{
	return w->base + (size_t)line * LATENCY_LINE;
}

/*
 * Is there a thing of so many bytes at this line? What is read from the segment
 * may have been overwritten by somebody: no line in it is followed unseen.
 */
static inline bool lines_are_claimed(const struct segment_writer *w,
				     uint32_t line, size_t bytes)
{
	return line >= LINES(sizeof(struct latency_header)) &&
		line < w->used && LINES(bytes) <= w->used - line;
}

#endif
