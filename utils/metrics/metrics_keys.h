/*
 * Which names metrics have labels for: a bounded number of them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef METRICS_KEYS_H
#define METRICS_KEYS_H

#include "filter.h"
#include "snapshot.h"

/*
 * The names that have labels of their own: the first ones that came. Of shares
 * max_shares, of users and clients METRICS_KEYS combinations with shares; those
 * that come later are counted under "(others)", so that sums stay exact. A name
 * that the filter asks for is always there. Zero in the beginning, but for
 * max_shares; to be kept for as long as the counters are to be continued.
 */
#define METRICS_KEYS 200
#define METRICS_SHARES 50		/* the usual max_shares: 6 MB or so */
struct metrics_share {
	char name[sizeof(((struct latency_slot_key *)NULL)->share)];
};

struct metrics_keys {
	struct latency_slot_key *key;	/* objects is not set */
	unsigned count;
	struct metrics_share *share;
	unsigned shares;
	unsigned max_shares;
};

/* Makes room for them the first time; false: no memory. */
bool metrics_keys_init(struct metrics_keys *keys);

/*
 * Gives the slots of an image that has been read for this snapshot the shares,
 * users and clients that the labels will have. by: what --by adds to them.
 */
void metrics_keys_rename(struct metrics_keys *keys, const struct filter *filter,
			 unsigned by, const struct snapshot *snapshot,
			 struct segment_image *image);

void metrics_keys_free(struct metrics_keys *keys);

#endif
