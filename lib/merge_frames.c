/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "merge_frames.h"

void merge_frames_set(struct merge_frames *frames, struct segment_writer *to,
		      const struct latency_header *h)
{
	unsigned i;

	memset(frames, 0, sizeof(*frames));
	for (i = 1; i < LATENCY_MAX_LAYERS; i++) {
		if (h->layer[i].name[0] != '\0') {
			frames->layer[i] = segment_layer(to, h->layer[i].name);
		}
	}
	for (i = 0; i < h->op_count; i++) {
		frames->op[i] = segment_op(to, h->op[i].name,
					   h->op[i].error_class);
	}
}

int merge_frame(const struct merge_frames *frames, uint16_t frame)
{
	unsigned layer = LATENCY_FRAME_LAYER(frame);
	unsigned op = LATENCY_FRAME_OP(frame);

	if (layer == 0) {
		return frame;
	}
	if (frames->layer[layer] < 0 || frames->op[op] < 0) {
		return -1;
	}
	return (frame & LATENCY_FRAME_ASYNC) |
		LATENCY_FRAME(frames->layer[layer], frames->op[op]);
}
