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

/* The dimensions that --by may add to the labels. */
#define METRICS_BY (BY(BY_SHARE) | BY(BY_USER) | BY(BY_CLIENT) | \
		    BY(BY_LAYER) | BY(BY_REQUEST) | BY(BY_OP))

/*
 * The users and clients that have labels of their own: the first ones that
 * came, METRICS_KEYS combinations with shares; who comes later is counted
 * with user and client "(others)". Zero in the beginning; to be kept for as
 * long as the counters are to be continued.
 */
#define METRICS_KEYS 200
struct metrics_keys {
	struct latency_slot_key *key;	/* objects is not set */
	unsigned count;
};

/*
 * Metrics of nothing yet. metrics_add() is the visitor that adds a snapshot to
 * them, private_data being the metrics; it changes the slots' users and
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
