/*
 * Adding up segments in a new file: the departed, or their baseline.
 *
 * The sum always fits. It is kept by share, with what modules that had, by user
 * and client. Where there is no room for all of these, those used least come
 * together (departed_plan.h):
 *
 * - DEPARTED_SHARES shares are kept apart, all others are in one slot of share,
 *   user and client "(others)";
 * - in these, DEPARTED_SLOTS keys have slots of their own; what else a share
 *   has is in one with user and client "(others)";
 * - where a file of DEPARTED_SIZE bytes has no room for the counters of a node,
 *   they are in the node (overflow) of that last slot.
 *
 * A slot that has been kept may be merged later, as a whole. What
 * departed_place.h says of that keeps differences right.
 * So only a file system that is full, and memory, can make it fail.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_MERGE_H
#define SEGMENT_MERGE_H

#include <stdbool.h>

#include "departed_plan.h"
#include "segment_reader.h"
#include "segment_writer.h"

/*
 * Adds up these images in a segment that is new, the departed before, if there
 * are any, first: their slow ops keep their numbers. renamed: the slots have
 * the keys they are to have already, see image_rekey(). Returns false with
 * *error.
 */
bool segment_merge(struct segment_writer *to,
		   const struct segment_image *images, unsigned count,
		   bool renamed, struct latency_error *error);

#endif
