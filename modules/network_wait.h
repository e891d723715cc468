/*
 * How much of a wait is for the network: after a reply at most one round trip,
 * until the next request arrives. A lower bound, so
 *
 * - a round trip is the shortest there ever was, of any connection of the
 *   client, since later ones may hold what the client thinks;
 * - it is granted only to a client that waits for each reply before it asks
 *   again: none of its latest requests came much sooner than a round trip after
 *   a reply. If it keeps several under way, waiting is not told from thinking.
 *
 * This file must not know: Samba, and how a round trip is measured.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef NETWORK_WAIT_H
#define NETWORK_WAIT_H

#include <stdint.h>

#define NETWORK_WAIT_TURNS 8		/* requests that make such a client */

/* Times are of CLOCK_MONOTONIC, in ns. */
struct network_wait {
	uint32_t least_us;		/* ever; 0: not known yet */
	uint32_t round_trip_us;		/* at most; 0: not known of all now */
	uint32_t granted_us;		/* that no wait has used up so far */
	uint32_t in_turn;		/* latest requests that were awaited */
	uint64_t replied_ns;		/* the latest reply; 0: none since */
};

/* The round trip measured now, in microseconds; 0: it is not known. */
static inline void network_measured(struct network_wait *n, uint32_t us)
{
	if (us != 0 && (n->least_us == 0 || us < n->least_us)) {
		n->least_us = us;
	}
	n->round_trip_us = us == 0 ? 0 : n->least_us;
}

static inline void network_replied(struct network_wait *n, uint64_t now_ns)
{
	n->replied_ns = now_ns;
	n->granted_us = n->in_turn < NETWORK_WAIT_TURNS ? 0 : n->round_trip_us;
}

/* A request arrived at now_ns. */
static inline void network_requested(struct network_wait *n, uint64_t now_ns)
{
	uint64_t us = (now_ns - n->replied_ns) / 1000;

	n->granted_us = 0;
	if (us < n->round_trip_us / 2) {
		n->in_turn = 0;
		return;
	}
	if (us < n->round_trip_us) {
		/* It has become shorter since it was measured. */
		n->round_trip_us = (uint32_t)us;
	}
	if (n->in_turn < NETWORK_WAIT_TURNS) {
		n->in_turn++;
	}
}

/* A wait has used up so much; what was begun of a microsecond, too. */
static inline void network_waited(struct network_wait *n, uint64_t ns)
{
	uint64_t us = (ns + 999) / 1000;

	n->granted_us -= us < n->granted_us ? (uint32_t)us : n->granted_us;
}

#endif
