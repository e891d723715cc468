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
			return bad(r, "line that is used twice", line);
		}
		r->taken[line] = 1;
	}
	return true;
}

/* Is it a root, or an op of a layer that the segment describes? */
static inline bool frame_known(const struct reading *r, uint16_t frame)
{
	const struct latency_header *h = r->image->header;
	unsigned layer = LATENCY_FRAME_LAYER(frame);
	unsigned op = LATENCY_FRAME_OP(frame);

	if (layer == 0) {
		return op < LATENCY_ROOT_END;
	}
	return op < h->op_count && h->layer[layer].name[0] != '\0';
}

/* Is there a slot at this line, among those that have been copied? */
static inline bool slot_listed(const struct reading *r, uint32_t line)
{
	const struct latency_slot *slot;

	for (slot = image_slot(r->image, NULL); slot != NULL;
	     slot = image_slot(r->image, slot)) {
		if (slot == image_at(r->image, line)) {
			return true;
		}
	}
	return false;
}

#endif
