/*
 * What the history says of a span of time, as snapshots: whatever is made of
 * living segments is made of it in the same way.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_SPAN_H
#define HISTORY_SPAN_H

#include "coverage.h"
#include "history_interval.h"
#include "history_names.h"
#include "snapshot.h"

/* The difference of two snapshots, the first of which is of nothing. */
struct history_span {
	unsigned intervals;		/* that it is made of; 0: no such */
	struct history_interval sum;	/* of them */
	struct snapshot *earlier;	/* NULL if there are none */
	struct snapshot *later;
};

/*
 * What was counted from one time to another: in the intervals whose middle is
 * inside, so that of spans side by side each is in one. nearest: if there is
 * none, that of which most is inside. Returns false with *error.
 */
bool history_span_read(struct history_db *db, uint64_t from_ns, uint64_t to_ns,
		       bool nearest, struct history_span *span,
		       struct latency_error *error);

/* The snapshot of what these intervals counted; NULL with *error. */
struct snapshot *history_snapshot(struct history_db *db,
				  const struct history_paths *paths,
				  const struct history_interval *intervals,
				  unsigned count, struct latency_error *error);

/* What was alive at its end, for a report on it. */
void history_span_end(const struct history_span *span,
		      struct coverage *coverage);

void history_span_free(struct history_span *span);

/*
 * The middles of all intervals in order, CLOCK_REALTIME. A span without one has
 * no interval. Each function returns false with *error.
 */
struct history_middles {
	struct history_db *db;
	struct sqlite3_stmt *rows;
	uint64_t ns;		/* of the present one; UINT64_MAX: no more */
};

bool history_middles_begin(struct history_middles *middles,
			   struct history_db *db, struct latency_error *error);

/* Goes on to the first from this time on. */
bool history_middles_skip(struct history_middles *middles, uint64_t from_ns,
			  struct latency_error *error);

void history_middles_end(struct history_middles *middles);

/*
 * When the history begins and ends, CLOCK_REALTIME; both 0 if nothing is in
 * it. Returns false with *error.
 */
bool history_extent(struct history_db *db, uint64_t *begin_ns,
		    uint64_t *end_ns, struct latency_error *error);

#endif
