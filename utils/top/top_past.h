/*
 * How busy a list of top was in the last minutes: what the sparklines and the
 * heat map are drawn of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_PAST_H
#define TOP_PAST_H

#include <stdbool.h>

#include "row_sum.h"

#define TOP_MOMENTS 240u

/* All calls of an interval. */
struct top_moment {
	bool known;			/* else nobody looked at it */
	double rate;			/* calls a second */
	uint64_t p99_ns;		/* 0: there were none */
	uint64_t count;			/* of timed ones, in all octaves */
	uint64_t octave[HIST_OCTAVES];
};

struct top_past {
	struct top_moment moment[TOP_MOMENTS]; /* the oldest first */
	unsigned count;
	uint64_t until_ns;		/* end of the last one */
};

void top_past_clear(struct top_past *past);

/*
 * Adds an interval that has ended at until_ns (CLOCK_MONOTONIC). If it does not
 * begin where the last one ended, a moment in between is not known.
 */
void top_past_add(struct top_past *past, const struct row_sum *sum,
		  uint64_t interval_ns, uint64_t until_ns);

#endif
