/*
 * Counters as metrics for Prometheus. They count since the first smbd did, not
 * since the last reset, and never go back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef METRICS_H
#define METRICS_H

#include <stdio.h>

#include "report.h"

enum metrics_format {
	METRICS_PROMETHEUS,	/* text format 0.0.4 */
	METRICS_OPENMETRICS,	/* OpenMetrics 1.0.0 */
};

/*
 * The names that have labels of their own: the first ones that came. Of shares
 * max_shares, of users and clients METRICS_KEYS combinations with shares; who
 * comes later is counted under "(others)", so that sums stay exact. A name that
 * the filter asks for is always there. Zero in the beginning, but for
 * max_shares; to be kept for as long as the counters are to be continued.
 */
#define METRICS_KEYS 200
#define METRICS_SHARES 50		/* the usual max_shares: 6 MB or so */
struct metrics_keys {
	struct latency_slot_key *key;	/* objects is not set */
	unsigned count;
	struct metrics_share {
		char name[sizeof(((struct latency_slot_key *)0)->share)];
	} *share;
	unsigned shares;
	unsigned max_shares;
};

void metrics_keys_free(struct metrics_keys *keys);

/*
 * Metrics of nothing yet. metrics_add() is the visitor that adds a snapshot to
 * them, private_data being the metrics; it changes the slots' shares, users and
 * clients to what the labels show. They return NULL or false if there is no
 * memory.
 */
struct metrics *metrics_new(const struct report_options *options,
			    struct metrics_keys *keys);
bool metrics_add(const struct snapshot *snapshot, struct segment_image *image,
		 void *private_data);

/* Prints them all, once. Returns false if it cannot. */
bool metrics_print(struct metrics *metrics, const struct snapshot *snapshot,
		   enum metrics_format format, FILE *out);

void metrics_free(struct metrics *metrics);

#endif
