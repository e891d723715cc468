/*
 * The slow operations of the history.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_SLOW_H
#define HISTORY_SLOW_H

#include "history_db.h"
#include "slow_ops.h"

/* Stores those that are not stored yet. Returns false with *error. */
bool history_slow_add(struct history_db *db, const struct slow_op_list *list,
		      struct latency_error *error);

#endif
