/*
 * Counters as metrics for Prometheus. They count since the first smbd did, not
 * since the last reset, and never go back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef METRICS_H
#define METRICS_H

#include <stdio.h>

#include "in_flight.h"
#include "metrics_keys.h"
#include "metrics_text.h"
#include "report.h"

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

/*
 * Buckets of an octave, a power of two: 1, 2, 4, or HIST_SUB. They are buckets
 * of ours or whole numbers of them, so that their counts are exact; those of a
 * lower resolution are among those of a higher one. With HIST_SUB each bucket
 * of ours is one, else they are for 256 ns to 17.2 s.
 */
#define METRICS_RESOLUTION 1u		/* the usual one */
bool metrics_resolution(unsigned buckets);

/*
 * Prints them all, once; without what is in flight where that is NULL: not
 * known. Returns false if it cannot.
 */
bool metrics_print(struct metrics *metrics, const struct snapshot *snapshot,
		   const struct in_flight_list *in_flight,
		   const struct metrics_out *out);

void metrics_free(struct metrics *metrics);

#endif
