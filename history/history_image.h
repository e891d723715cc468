/*
 * Counters of the history as images of segments, so that whatever is made of
 * living segments is made of them, too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_IMAGE_H
#define HISTORY_IMAGE_H

#include "history_names.h"
#include "segment_writer.h"
#include "snapshot.h"

/* One segment that is being made. */
struct history_image {
	const struct history_paths *paths;
	struct segment_writer *w;
	struct slot_writer *slot;	/* that is added to */
	struct latency_node **node;	/* by path; NULL: not yet known */
};

/* Begins an image. Returns false with *error. */
bool history_image_begin(struct history_image *image,
			 const struct history_paths *paths,
			 const struct segment_identity *identity,
			 struct latency_error *error);

/*
 * From now on this slot is added to. apart: it is a new one even if there is
 * one of the same key. Returns false if there is no room for it.
 */
bool history_image_slot(struct history_image *image,
			const struct latency_slot_key *key, bool apart);

/* Adds to a path's node in that slot. Returns false if there is no room. */
bool history_image_add(struct history_image *image, uint32_t path,
		       const struct row_sum *sum);

/*
 * Appends what was made to a snapshot, and ends it. Returns false with *error:
 * no memory.
 */
bool history_image_end(struct history_image *image, struct snapshot *snapshot,
		       struct latency_error *error);

/* Ends it, and what was made is gone. To be called once, if not the other. */
void history_image_drop(struct history_image *image);

#endif
