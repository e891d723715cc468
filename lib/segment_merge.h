/*
 * Adding up segments in a new file: the departed, or their baseline.
 *
 * The sum always fits. It is kept by share, with what modules that had, by user
 * and client; where there is no room for all of these the least used, by calls,
 * come together:
 *
 * - DEPARTED_SLOTS of them have slots of their own; what else a share has is in
 *   one with user and client "(others)";
 * - of these there are DEPARTED_SHARES; what comes then is of share "(others)"
 *   as well;
 * - where a file of DEPARTED_SIZE bytes has no room for the counters of a node,
 *   they are in the node (overflow) of that last slot.
 *
 * Once there are others, no new key gets a slot: a key that has been among them
 * stays there, so that what a slot counts only ever grows, as in a process.
 * So only a file system that is full, and memory, can make it fail.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_MERGE_H
#define SEGMENT_MERGE_H

#include <stdbool.h>

#include "segment_reader.h"
#include "segment_writer.h"

#define DEPARTED_SLOTS 256
#define DEPARTED_SHARES 64
#define DEPARTED_SIZE (32u << 20)
#define DEPARTED_OTHERS "(others)"

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
