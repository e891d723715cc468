/*
 * Reading a segment: map it, copy it consistently, check every byte of the
 * copy that will be used.
 *
 * The image is private memory and has the layout of latency_format.h. Once
 * segment_read() has accepted it, every line number in it leads to a complete
 * thing inside it that shares no line with another, lists end, strings are
 * terminated, and frames name layers and ops that the tables describe. In
 * every node, count is the sum of the buckets and min <= avg <= max: one in
 * the middle of whose update the writer died has been made whole, the call
 * being counted if its bucket was.
 *
 * What is under way in it, the nodes with a begun and the flights, was so at
 * one moment, now_ns. Of a process that is not alive nothing is. In an image
 * begun is CLOCK_MONOTONIC in ns.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_READER_H
#define SEGMENT_READER_H

#include <stdbool.h>
#include <stddef.h>

#include "flight_reader.h"
#include "latency_error.h"
#include "latency_format.h"
#include "row_sum.h"

struct segment_image {
	char name[64];
	bool owned;			/* its process was alive */
	/*
	 * When the outermost synchronous op under way began, by
	 * CLOCK_MONOTONIC; 0: none was, or it is not known.
	 */
	uint64_t op_begun_ns;
	struct flight_list flights;
	uint64_t now_ns;		/* CLOCK_MONOTONIC */
	unsigned char *data;
	size_t size;			/* bytes */
	const struct latency_header *header;
};

enum segment_state {
	SEGMENT_GOOD,
	SEGMENT_UNFINISHED,		/* being made: nothing is counted */
	SEGMENT_GONE,			/* removed in the meantime */
	SEGMENT_BAD,			/* *error says why; errno is 0 if it
					 * is what is in the file */
};

/* Reads the segment `name` in directory dir. Fills *image if SEGMENT_GOOD. */
enum segment_state segment_read(int dir, const char *name,
				struct segment_image *image,
				struct latency_error *error);

/*
 * Makes a copy, to be freed as the image. Returns false if there is no memory.
 */
bool segment_image_copy(const struct segment_image *image,
			struct segment_image *copy);

void segment_image_free(struct segment_image *image);

/*
 * Leaves of an image what the header says of its process, a few hundred bytes:
 * it has no slots, no slow ops, no layers and ops any more; its header ends
 * before the names of those. Returns false if there is no memory.
 */
bool segment_image_strip(struct segment_image *image);

/* The thing at a line of an accepted image. */
const void *image_at(const struct segment_image *image, uint32_t line);

/* The slot after this one, the first one for NULL; NULL at the end. */
const struct latency_slot *image_slot(const struct segment_image *image,
				      const struct latency_slot *previous);

/*
 * The same to be changed, in this private copy: its keys and counters, not what
 * refers to other things.
 */
struct latency_slot *image_slot_change(struct segment_image *image,
				       const struct latency_slot *previous);

/* Node number n, 0 <= n < slot->nodes. */
const struct latency_node *image_node(const struct segment_image *image,
				      const struct latency_slot *slot,
				      unsigned number);

/* The counters of a node. */
void image_node_sum(const struct segment_image *image,
		    const struct latency_node *node, struct row_sum *sum);

/* Adds them to a sum: quicker than image_node_sum() and row_sum_add(). */
void image_node_add(const struct segment_image *image,
		    const struct latency_node *node, struct row_sum *sum);

#endif
