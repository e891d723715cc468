/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <math.h>
#include <stdbool.h>

#include "loss.h"
#include "whole.h"

/*
 * A segment that nothing follows is missed by nobody. Its sender sends it again
 * when no answer has come for a round trip and this much: Linux' TCP_RTO_MIN;
 * with Windows it is 300 ms.
 */
#define TIMEOUT_NS 200e6

/*
 * From so many segments a reply on, those that follow show that one is missing.
 * Then it is sent again after a round trip, and what losses cost is that TCP
 * sends more slowly.
 */
#define LARGE_REPLY 4.0

/*
 * A line that is too narrow has a queue, and loses what finds no room there.
 * Then round trips last much longer than the shortest; what is lost at random
 * leaves them as they are.
 */
#define QUEUE_TIMES 2u
#define QUEUE_US 2000u

/* Of a round trip at least this part was waited for: one request at a time. */
#define AWAITED_PART 0.25

static uint32_t least_known(uint32_t a, uint32_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

void round_trip_add(struct round_trip *trip, const struct segment_image *image,
		    const struct filter *filter)
{
	const struct latency_connections *from = image_connections(image);
	unsigned i;

	if (from == NULL || !filter_image(filter, image)) {
		return;
	}
	for (i = 0; i < LATENCY_CONNECTIONS; i++) {
		const struct latency_connection *c =
			image_connection(image, from, i);

		if (c == NULL || !filter_name(filter->client, c->client,
					      sizeof(c->client))) {
			continue;
		}
		trip->least_us = least_known(trip->least_us, c->min_rtt_us);
		if (c->rtt_us > trip->smoothed_us) {
			trip->smoothed_us = c->rtt_us;
		}
	}
}

static bool queues(const struct round_trip *trip)
{
	return trip->smoothed_us == 0 || trip->smoothed_us >=
		QUEUE_TIMES * (uint64_t)trip->least_us + QUEUE_US;
}

/*
 * A large transfer: where one of p segments is lost, TCP (Reno, and Cubic while
 * the way is short) has sqrt(1.5 p) of them under way in a round trip. Mathis,
 * Semke, Mahdavi, Ott: The macroscopic behavior of the TCP congestion avoidance
 * algorithm, 1997.
 */
static double transfer_ns(double segments, double lost, double trip_ns)
{
	return trip_ns * sqrt(segments * lost / 1.5);
}

uint64_t segments_lost(const struct connection_totals *t)
{
	return t->retransmits > t->duplicates ?
		t->retransmits - t->duplicates : 0;
}

uint64_t loss_ns(const struct connection_totals *t,
		 const struct round_trip *trip, uint64_t awaited_ns)
{
	double requests = (double)t->requests, lost = (double)segments_lost(t);
	double segments = (double)t->segments_sent;
	double trip_ns = trip->least_us * 1e3, last, ns;
	bool awaited = (double)awaited_ns >= AWAITED_PART * requests * trip_ns;

	if (lost == 0 || segments < lost || trip_ns == 0) {
		return 0;
	}
	if (segments >= LARGE_REPLY * requests) {
		ns = queues(trip) ? 0 : transfer_ns(segments, lost, trip_ns);
		/* Quicker than that: BBR, which does not mind. */
		return ns <= (double)t->busy_ns * 1.5 ? whole(ns) : 0;
	}
	/* Lost segments that nothing followed */
	last = segments > requests ? lost * requests / segments : lost;
	if (!awaited) {
		return whole(lost * trip_ns);
	}
	/*
	 * A request is one, too. Nobody but the client knows how many of those
	 * were lost; the way loses as many in both directions.
	 */
	return whole((lost - last) * trip_ns +
		     2 * last * (TIMEOUT_NS + trip_ns));
}
