/*
 * What top has read: the latest snapshot, the one before, and what had been
 * counted before a reset; and the files and what is under way where these are
 * listed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_READING_H
#define TOP_READING_H

#include "hot_files.h"
#include "in_flight.h"
#include "snapshot.h"
#include "table.h"
#include "wall_time.h"

/* A table of a snapshot, since the next interval needs it again. */
struct top_kept {
	struct table *table;		/* NULL: there is none */
	const struct snapshot *of;
	char only[1024];		/* what the filter was */
};

struct top_reading {
	const char *directory;
	struct snapshot *last;
	struct snapshot *before;	/* NULL: there is one only */
	struct snapshot *baseline;	/* NULL: counters were never reset */
	/* Without these, all zero. */
	struct hot_files files, files_before;
	uint64_t files_ns, files_before_ns; /* CLOCK_MONOTONIC; 0: none */
	struct in_flight_list flights;
	struct top_kept kept;
};

/* Takes another snapshot. Returns false with *error. */
bool top_reading_take(struct top_reading *r, struct latency_error *error);

/* Is there an interval, of how many ns? 0: all there is are sums. */
uint64_t top_reading_interval_ns(const struct top_reading *r);

/*
 * A table of what happened in the interval, or in total since counting began.
 * NULL: no memory.
 */
struct table *top_reading_table(struct top_reading *r, bool total,
				enum table_source source, unsigned by,
				const struct filter *filter);

/* Where the time of processes went. */
void top_reading_wall(const struct top_reading *r, bool total,
		      const struct filter *filter, struct wall_time *time);

/*
 * Reads files, or what is under way, that the filter wants. What was read of
 * files stays, so that there is an interval, until it is forgotten. Return
 * false with *error.
 */
bool top_reading_files(struct top_reading *r, const struct filter *filter,
		       struct latency_error *error);
void top_reading_forget_files(struct top_reading *r);
bool top_reading_flights(struct top_reading *r, const struct filter *filter,
			 struct latency_error *error);

void top_reading_free(struct top_reading *r);

#endif
