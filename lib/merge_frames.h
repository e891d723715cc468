/*
 * The frames of segments that are added up: the new file numbers layers and ops
 * in its own way.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef MERGE_FRAMES_H
#define MERGE_FRAMES_H

#include "latency_format.h"
#include "segment_writer.h"

/* The new numbers of an image's layers and ops; below 0: there is no room. */
struct merge_frames {
	int layer[LATENCY_MAX_LAYERS];
	int op[LATENCY_MAX_OPS];
};

/* Gives all layers and ops of a header their numbers in the new file. */
void merge_frames_set(struct merge_frames *frames, struct segment_writer *to,
		      const struct latency_header *h);

/* The same frame in the new file's numbers; -1 if its tables are full. */
int merge_frame(const struct merge_frames *frames, uint16_t frame);

#endif
