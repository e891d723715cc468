/*
 * What has been counted since the last reset: a snapshot and its baseline.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SINCE_RESET_H
#define SINCE_RESET_H

#include "snapshot.h"

/*
 * As snapshot_visit(), and in *baseline what had been counted when the counters
 * were last reset, NULL if they never were: what a report takes away as the
 * earlier snapshot. Both are freed by snapshot_free().
 */
struct snapshot *since_reset_visit(const char *directory,
				   snapshot_visitor visitor,
				   void *private_data,
				   struct snapshot **baseline,
				   struct latency_error *error);

#endif
