/*
 * The rows of `interval`: when something was counted, and what of it has no
 * key.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_INTERVAL_H
#define HISTORY_INTERVAL_H

#include "history_db.h"
#include "wall_time.h"

struct history_interval {
	int64_t id;
	unsigned level;			/* of the roll-up; 0: as recorded */
	uint64_t begin_ns;		/* CLOCK_REALTIME */
	uint64_t end_ns;
	uint64_t running_ns;		/* CLOCK_MONOTONIC of what it counts */
	uint64_t processes;		/* alive at the end */
	uint64_t connected;		/* tree connects at the end */
	uint64_t departed;		/* processes that ended in it */
	uint64_t unmeasured;
	uint64_t unmeasured_trees;
	struct wall_time time;
	char samba_version[64];
};

/* Adds a row; its id is set. Returns false with *error. */
bool history_interval_add(struct history_db *db, struct history_interval *i,
			  struct latency_error *error);

/*
 * Reads the intervals that a condition chooses, in order. `where` comes behind
 * WHERE, its parameters are numbers. *intervals is to be freed. Returns false
 * with *error.
 */
bool history_intervals(struct history_db *db, const char *where,
		       const int64_t *parameters, unsigned parameter_count,
		       struct history_interval **intervals, unsigned *count,
		       struct latency_error *error);

/* Adds up what adds up; the rest is as of the later one. */
void history_interval_sum(struct history_interval *sum,
			  const struct history_interval *more);

#endif
