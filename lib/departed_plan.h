/*
 * Who has a slot among the departed, when there is not one for everybody.
 *
 * Of shares, and then of the keys in these, so many are kept apart as there are
 * places: first those that were used most, by calls, then, for the last quarter
 * of the places, those that were connected last, so that somebody new has the
 * time to become one of the most used.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DEPARTED_PLAN_H
#define DEPARTED_PLAN_H

#include "departed_place.h"

/* For how much there is room among the departed, see segment_merge.h. */
#define DEPARTED_SLOTS 256
#define DEPARTED_SHARES 320
#define DEPARTED_SIZE (32u << 20)

/* A slot of an image that is added up, and where it goes. */
struct departed_source {
	unsigned image;
	const struct latency_slot *slot;
	struct slot_writer *to;
	struct departed_since since;	/* the same in all of a key */
	enum departed_place may;	/* the best that it may have */
	enum departed_place place;	/* what it has: not a better one */
	unsigned order;			/* as they came */
	uint64_t calls;
	uint64_t share_calls;		/* of all in its share */
};

/*
 * Sets `place`, and sorts: what goes to the last slot comes last, before that
 * the shares, the most used first, in a share the keys that have a slot of
 * their own first. Returns false if there is no memory.
 */
bool departed_plan(struct departed_source *sources, unsigned count,
		   unsigned shares, unsigned keys);

#endif
