/*
 * What a report covers: since when, of how many processes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef COVERAGE_H
#define COVERAGE_H

#include <stdint.h>

#include "filter.h"

/* What a report says of its sources. */
struct coverage {
	uint64_t since_realtime_ns;	/* UINT64_MAX: nothing is counted */
	unsigned processes;		/* alive */
	uint64_t departed;		/* processes that have ended */
	unsigned connected;		/* tree connects now */
	uint64_t tree_connects;		/* ever */
	uint64_t unmeasured;		/* ops for which there was no room */
	uint64_t unmeasured_trees;	/* tree connects, the same */
	/*
	 * Requests of clients that are summed up as "(others)", of which it is
	 * not known whether the filter wants them. They are left out.
	 */
	uint64_t summed_up;
	uint64_t latest_realtime_ns;	/* start of the latest process */
	char samba_version[64];		/* of that one; "" if none */
};

/* The coverage of nothing. */
void coverage_init(struct coverage *coverage);

/* Adds what the filter wants of an image. */
void coverage_add(struct coverage *coverage, const struct segment_image *image,
		  const struct filter *filter);

/*
 * Takes away what was before: what is left of departed, tree_connects and
 * unmeasured came in between. The rest is as it is now.
 */
void coverage_subtract(struct coverage *coverage,
		       const struct coverage *earlier);

#endif
