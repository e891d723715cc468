/*
 * Thinning: what was recorded an hour ago or longer, and is summed up by
 * coarser intervals that have all of it, goes on with the busiest clients
 * apart. The others are summed up as "(others)" of their share, those of
 * shares that are not busy as "(others)" in all, as the departed are: see
 * departed_place.h. No sum changes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_THIN_H
#define HISTORY_THIN_H

#include "history_names.h"

/*
 * Thins the first few of the intervals that ended before old_ns and are not
 * thin yet, in a transaction of the caller's. Returns false with *error.
 */
bool history_thin(struct history_db *db, const struct history_paths *paths,
		  uint64_t old_ns, struct latency_error *error);

#endif
