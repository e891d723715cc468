/*
 * A segment being read, while it is copied and checked: for segment_copy.c, and
 * those that copy a part of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_READING_H
#define SEGMENT_READING_H

#include "latency_error.h"
#include "segment_image.h"

/* The lowest and the highest bucket of a node that were hit. */
struct extent {
	uint64_t count;			/* in all buckets */
	unsigned low, high;
};

/* A segment being read: the shared mapping and its private copy. */
struct reading {
	struct segment_image *image;
	const unsigned char *shared;
	unsigned char *taken;		/* a byte a line: is part of a thing */
	struct latency_node *node;	/* being copied, in the image */
	struct extent extent;		/* of it */
	bool writer_busy;		/* it was for long, with another node */
	struct latency_error *error;
};

static inline const void *shared_of(const struct reading *r, const void *copy)
{
	return r->shared + ((const unsigned char *)copy - r->image->data);
}

/* A thing of the image, to be filled in; nothing is there before. */
static inline void *image_mutable(const struct reading *r, uint32_t line)
{
	return r->image->data + (size_t)line * LATENCY_LINE;
}

static inline bool bad(const struct reading *r, const char *what,
		       uint64_t value)
{
	error_set(r->error, "%s: %s (%llu)", r->image->name, what,
		  (unsigned long long)value);
	return false;
}

/* Is there a whole thing of so many bytes at this line? */
static inline bool inside(const struct reading *r, uint32_t line,
			  size_t bytes)
{
	return line >= r->image->header->header_size / LATENCY_LINE &&
		(uint64_t)line * LATENCY_LINE + bytes <= r->image->size;
}

/*
 * Takes the lines of a thing, which are inside. No line is part of two things:
 * lists end, and what has been checked is not changed by what is copied next.
 */
static inline bool take(const struct reading *r, uint32_t line, size_t bytes)
{
	uint32_t end = line + (uint32_t)((bytes + LATENCY_LINE - 1) /
					 LATENCY_LINE);

	for (; line < end; line++) {
		if (r->taken[line]) {
			return bad(r, "line that is part of two things", line);
		}
		r->taken[line] = 1;
	}
	return true;
}

#endif
