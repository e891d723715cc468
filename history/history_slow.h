/*
 * The slow operations of the history.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_SLOW_H
#define HISTORY_SLOW_H

#include "history_db.h"
#include "slow_ops.h"

/* Is shown an op; false ends it. */
typedef bool (*history_slow_visitor)(void *private_data,
				     const struct slow_op *op);

/*
 * Shows the visitor what ended from one time to another, CLOCK_REALTIME, and
 * the filter wants, by time. Returns false with *error.
 */
bool history_slow_visit(struct history_db *db, uint64_t from_ns,
			uint64_t to_ns, const struct filter *filter,
			history_slow_visitor visitor, void *private_data,
			struct latency_error *error);

/* Stores those that are not stored yet. Returns false with *error. */
bool history_slow_add(struct history_db *db, const struct slow_op_list *list,
		      struct latency_error *error);

#endif
