/*
 * The rows of `total`: what was counted in the intervals that sum up others, as
 * plain numbers, for questions in SQL. Requests are told apart by key,
 * ops by share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_TOTALS_H
#define HISTORY_TOTALS_H

#include "history_counts.h"

/* Stores those of an interval. Returns false with *error. */
bool history_totals_store(struct history_db *db,
			  const struct history_paths *paths,
			  const struct history_counts *counts, int64_t interval,
			  struct latency_error *error);

#endif
