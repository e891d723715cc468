/*
 * Where the departed count a key: in a slot of its own, among the others of
 * its share, or among the others of all shares.
 *
 * Which it is depends on nothing but the key, when its slot was made, and the
 * departed of now; so who folds and who compares two snapshots agree, however
 * many folds lie between these.
 *
 * - Names that have never been merged into others have a place of their own.
 * - When a key, or a whole share, is merged, all that it has counted goes with
 *   it, and the time is noted (struct latency_merged). What had begun by then
 *   goes there too when it ends.
 * - What begins later has a slot again, which says since when it counts. A slot
 *   of an earlier snapshot that does not say the same has been merged since.
 *
 * Times are kept by a hash, so a key that shares it with one that was merged
 * may be merged as well; that is the only error there is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DEPARTED_PLACE_H
#define DEPARTED_PLACE_H

#include <stdbool.h>

#include "segment_image.h"

#define DEPARTED_OTHERS "(others)"

enum departed_place {
	DEPARTED_OWN,			/* under its own key */
	DEPARTED_IN_SHARE,		/* user and client are "(others)" */
	DEPARTED_LAST,			/* the share as well */
};

/* Since when a share and a key are kept apart; CLOCK_REALTIME, 0: ever. */
struct departed_since {
	uint64_t share_ns;
	uint64_t key_ns;
};

/* Is it the slot of the others of its share, or of all shares? */
bool departed_is_others(const struct latency_slot_key *key);

/* Are both of the same share, with the same modules? */
bool departed_share_same(const struct latency_slot_key *a,
			 const struct latency_slot_key *b);

/* Since when these departed (NULL: none yet) keep a key apart. */
struct departed_since departed_since(const struct segment_image *departed,
				     const struct latency_slot_key *key);

/* The place of a slot, of a process or of earlier departed. */
enum departed_place departed_place(const struct latency_slot *slot,
				   const struct departed_since *since);

/* Gives the key the names of its place. */
void departed_name(struct latency_slot_key *key, enum departed_place place);

/* When names were last merged: those of a share, a user, a client, a key. */
enum departed_names {
	DEPARTED_SHARE,
	DEPARTED_USER,			/* and share */
	DEPARTED_CLIENT,		/* and share */
	DEPARTED_KEY,
};

/* The time of these names of a key, in a table of the times. */
uint64_t *departed_merged(struct latency_merged *merged,
			  enum departed_names names,
			  const struct latency_slot_key *key);

/*
 * May sums by these names show a slot, of a process or of the departed, under
 * them? Not where a part of what they had counted has been merged: such a sum
 * would go back. NULL departed: none yet.
 */
bool departed_shown(const struct segment_image *departed,
		    enum departed_names names, const struct latency_slot *slot);

#endif
