/*
 * The counters of intervals: the rows of `counts`, key by key.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_COUNTS_H
#define HISTORY_COUNTS_H

#include "counts_code.h"
#include "history_interval.h"
#include "history_names.h"
#include "path_sums.h"

/* What counted under a key in all of them. False with *error ends it. */
typedef bool (*history_counts_visitor)(void *private_data, uint32_t key,
				       uint64_t tree_connects,
				       struct path_sums *sums,
				       struct latency_error *error);

/* Shows the visitor each key of these intervals. Returns false with *error. */
bool history_counts_visit(struct history_db *db,
			  const struct history_paths *paths,
			  const struct history_interval *intervals,
			  unsigned count, history_counts_visitor visitor,
			  void *private_data, struct latency_error *error);

/* The keys of an interval that is not stored yet. Zero in the beginning. */
struct history_counts {
	struct counts_key *keys;
	unsigned count;
	unsigned room;
};

/* Adds what counted under a key. Returns false with *error: no memory. */
bool history_counts_add(struct history_counts *counts, uint32_t key,
			uint64_t tree_connects, struct path_sums *sums,
			struct latency_error *error);

/* Stores them all as those of an interval. Returns false with *error. */
bool history_counts_store(struct history_counts *counts, struct history_db *db,
			  int64_t interval, struct latency_error *error);

void history_counts_free(struct history_counts *counts);

#endif
