/*
 * What the parts of segment_merge() work on: the images that are added up, the
 * new file, and how far it has come.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef MERGE_H
#define MERGE_H

#include <errno.h>
#include <stdbool.h>

#include "departed_plan.h"
#include "merge_frames.h"
#include "segment_image.h"
#include "segment_writer.h"

/* Of DEPARTED_SIZE, kept back for the last slot, and for the list of ids. */
#define MERGE_SPARE_SIZE (64u << 10)

struct merge {
	struct segment_writer *to;
	const struct segment_image *images;
	struct merge_frames *frames;	/* of each image */
	unsigned image_count;
	struct departed_source *sources;
	unsigned count;
	struct latency_merged merged;	/* the times as they will be */
	bool merges;			/* some are not 0 */
	uint64_t now_ns;		/* CLOCK_REALTIME, of this merge */
	struct slot_writer *last; /* "(others)" in all; NULL: not needed */
};

/* Can more room be had only by a larger file than it may become? */
static inline bool merge_is_long(const struct merge *m)
{
	return m->to->full == EFBIG;
}

#endif
