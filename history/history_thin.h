/*
 * Thinning of old intervals as recorded that longer ones sum up, which keep
 * all clients: only the busiest stay apart. The others become "(others)" of
 * their share, or of all shares if theirs is not busy, as the departed do: see
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
