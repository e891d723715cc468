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
	struct {
		char share[96], user[96], client[64];
	} *key;
	unsigned count;
};

/*
 * Prints all metrics of a snapshot, whose private copy is changed for the
 * labels. Returns false if there is no memory.
 */
bool metrics_print(struct snapshot *snapshot,
		   const struct report_options *options,
		   struct metrics_keys *keys, enum metrics_format format,
		   FILE *out);

#endif
