/*
 * Two snapshots of the same directory: what has become of the earlier one's
 * processes in the later one.
 *
 * A process that has ended in between is counted with the departed by now: it
 * has no pid any more, and where the departed have run out of slots no user
 * and client either (departed_place.h). So has a slot of the departed that was
 * merged in between. Unless the earlier snapshot is changed
 * in the same way, what the process had counted by then would be missing in
 * one group of their difference and too much in another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SNAPSHOT_RELATE_H
#define SNAPSHOT_RELATE_H

#include "filter.h"
#include "snapshot.h"

/*
 * Moves the processes of the earlier snapshot that the later one does not
 * have to the departed, under the keys that the departed of the later one
 * have. Only the private copy is changed. What it says of wall clock time
 * stays what it was. Returns false if there is no memory.
 */
bool snapshot_relate(struct snapshot *earlier, const struct snapshot *later);

/*
 * The same of one image. in_later: the later snapshot has its process. These
 * departed (NULL: none) are the later one's.
 */
void image_relate(struct segment_image *image, bool in_later,
		  const struct segment_image *departed);

/* The image of the departed, NULL if there is none. */
const struct segment_image *snapshot_departed(const struct snapshot *snapshot);

/*
 * Gives the slots of an image the keys under which these departed (NULL:
 * none) have counted them, or would now.
 */
void image_rekey(struct segment_image *image,
		 const struct segment_image *departed);

/*
 * Shows it the key of each slot that the filter wants, to be changed: what is
 * made of the image from then on has these names. A name must fit, see name.h.
 */
void image_rename(struct segment_image *image, const struct filter *filter,
		  void (*rename)(void *private_data,
				 struct latency_slot_key *key),
		  void *private_data);

#endif
