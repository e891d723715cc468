/*
 * How finely a history is kept for how long.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_KEEP_H
#define HISTORY_KEEP_H

#include "history_db.h"

#define HISTORY_LEVELS 8u

/*
 * Intervals as recorded for a day, but no more than 100 MB of them, of five
 * minutes for two weeks, of an hour for two years; and of a day and of four
 * weeks, so that a report on a year adds up neither hours nor days.
 */
#define HISTORY_KEEP "1d/100M,5m:2w,1h:2y,1d:2y,4w:2y"

struct history_keep {
	unsigned count;
	uint64_t size;			/* bytes of level 0; 0: any number */
	struct {
		uint64_t step_ns;	/* of [0] as long as those recorded */
		uint64_t keep_ns;
	} level[HISTORY_LEVELS];
};

/*
 * KEEP[/SIZE][,STEP:KEEP...], see duration_parse(), the size in bytes or with
 * k, M, G; steps and times grow. Returns
 * false with *error.
 */
bool history_keep_parse(const char *text, uint64_t step_ns,
			struct history_keep *keep, struct latency_error *error);

/* Writes it down for those that read the database. False with *error. */
bool history_keep_store(struct history_db *db, const struct history_keep *keep,
			struct latency_error *error);

#endif
