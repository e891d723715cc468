/*
 * Rolling up: intervals that are over are summed up in longer ones. What is
 * fine is kept beside what is coarse until it is old, so that a report on a day
 * adds up hours, and what sticks out of them.
 *
 * Each interval has at most one that sums it up, its parent. Sums are exact,
 * histograms included.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_ROLL_H
#define HISTORY_ROLL_H

#include "history_keep.h"
#include "history_names.h"

/*
 * Sums up what is complete: all before the latest time step in which something
 * was recorded. *rolled: there was something. To be called in a transaction.
 * Returns false with *error.
 */
bool history_roll(struct history_db *db, const struct history_paths *paths,
		  const struct history_keep *keep, bool *rolled,
		  struct latency_error *error);

/*
 * Removes what is too old at now_ns (CLOCK_REALTIME), if it is summed up
 * elsewhere or of the last level. Returns false with *error.
 */
bool history_forget(struct history_db *db, const struct history_keep *keep,
		    uint64_t now_ns, struct latency_error *error);

#endif
