/*
 * What there is in a history: how fine, from when to when, and what is missing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_EXTENTS_H
#define HISTORY_EXTENTS_H

#include "history_db.h"

/* The intervals of one level of the roll-up that still exist. */
struct history_level {
	unsigned level;
	uint64_t step_ns;		/* of an interval, as it should be */
	uint64_t begin_ns;		/* CLOCK_REALTIME */
	uint64_t end_ns;
	uint64_t intervals;
};

/* An interval that is much longer: nobody recorded meanwhile. */
struct history_gap {
	uint64_t begin_ns;
	uint64_t end_ns;
};

struct history_extents {
	struct history_level *levels;	/* the finest first */
	unsigned level_count;
	struct history_gap *gaps;	/* in order */
	unsigned gap_count;
	uint64_t slow_ops;
	uint64_t size;			/* bytes of the database */
};

/* To be freed. Returns false with *error. */
bool history_extents_read(struct history_db *db,
			  struct history_extents *extents,
			  struct latency_error *error);

void history_extents_free(struct history_extents *extents);

#endif
