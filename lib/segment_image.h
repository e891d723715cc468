/*
 * The private copy of a segment that segment_reader.c has read and checked.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_IMAGE_H
#define SEGMENT_IMAGE_H

#include <stdbool.h>
#include <stddef.h>

#include "flight_reader.h"
#include "latency_format.h"
#include "row_sum.h"

struct segment_image {
	char name[64];
	bool owned;			/* its process was alive */
	bool with_files;		/* see latency_files; else none is */
	unsigned connected;	/* tree connects of slots that are left out */
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

/* What is left then: so many bytes of a header, without stripping it. */
#define SEGMENT_OUTLINE offsetof(struct latency_header, layer)

void segment_image_outline(const struct segment_image *image,
			   struct latency_header *header);

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

/*
 * The files that a slot lists, none if that is not wanted or known; number n of
 * them, 0 <= n < count.
 */
const struct latency_files *image_files(const struct segment_image *image,
					const struct latency_slot *slot);
const struct latency_file *image_file(const struct segment_image *image,
				      const struct latency_files *files,
				      unsigned number);

/*
 * The transport connections, NULL if none are known; number n of them, 0 <= n <
 * LATENCY_CONNECTIONS, NULL if the entry is free.
 */
const struct latency_connections *
image_connections(const struct segment_image *image);
const struct latency_connection *
image_connection(const struct segment_image *image,
		 const struct latency_connections *connections,
		 unsigned number);

/* The counters of a node. */
void image_node_sum(const struct segment_image *image,
		    const struct latency_node *node, struct row_sum *sum);

/* Adds them to a sum: quicker than image_node_sum() and row_sum_add(). */
void image_node_add(const struct segment_image *image,
		    const struct latency_node *node, struct row_sum *sum);

/* The same, only its errors. */
void image_node_errors(const struct segment_image *image,
		       const struct latency_node *node, struct row_sum *sum);

#endif
