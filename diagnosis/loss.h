/*
 * What it costs a client that segments are lost on the way.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LOSS_H
#define LOSS_H

#include <stdint.h>

#include "client_connections.h"

/* How long the way to a client and back takes, as the kernel measures it. */
struct round_trip {
	uint32_t least_us;		/* ever; 0: not known */
	uint32_t smoothed_us;		/* lately; 0: not known */
};

/* Widens it by those connections of an image that the filter wants. */
void round_trip_add(struct round_trip *trip, const struct segment_image *image,
		    const struct filter *filter);

/*
 * Of what smbd has sent; what was sent again although it had arrived is not
 * lost. Where a client does not tell that (Windows), it is supposed lost.
 */
uint64_t segments_lost(const struct connection_totals *t);

/*
 * An estimate of how long clients have waited, in nanoseconds, because of
 * lost segments. awaited_ns is what they waited for the network
 * (waiting_network_ns), which tells whether they make one request at a time.
 */
uint64_t loss_ns(const struct connection_totals *t,
		 const struct round_trip *trip, uint64_t awaited_ns);

#endif
