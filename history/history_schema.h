/*
 * The tables of the history.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_SCHEMA_H
#define HISTORY_SCHEMA_H

#include <stdbool.h>

struct sqlite3;

/* What makes them in an empty database. */
extern const char history_schema[];

/*
 * Adds what an older one has not: columns of parts of the wall clock, tables of
 * files. Returns false; the database says why.
 */
bool history_schema_extend(struct sqlite3 *sql);

/*
 * The columns of `interval` that add up when intervals do; of segments in
 * `state_segment`, too. COLUMN(name) for each, in the order of the table.
 */
#define HISTORY_SUMS(COLUMN)        \
	COLUMN(turns)               \
	COLUMN(waits)               \
	COLUMN(page_faults)         \
	COLUMN(voluntary_switches)  \
	COLUMN(forced_switches)     \
	COLUMN(departed)            \
	COLUMN(unmeasured)          \
	COLUMN(unmeasured_trees)

#endif
