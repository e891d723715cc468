/*
 * What was counted between two snapshots, by key and path.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_DELTA_H
#define HISTORY_DELTA_H

#include "history_names.h"
#include "path_sums.h"
#include "snapshot.h"

/*
 * Makes the earlier snapshot fit the later one, see snapshot_relate(): what the
 * later one cannot include, since the segments were removed, is taken out, and
 * *removed set;
 * of segments that could not be read this time the later one gets the
 * earlier's image. Returns false: no memory.
 */
bool history_relate(struct snapshot *earlier, struct snapshot *later,
		    bool *removed);

/* What came of a key. Returns false with *error to end it all. */
typedef bool (*history_key_visitor)(void *private_data, uint32_t key,
				    uint64_t tree_connects,
				    struct path_sums *sums,
				    struct latency_error *error);

/*
 * Shows the visitor each key that counted something: what is in `later` and
 * neither in `earlier` nor in `recorded` (NULL: nothing), which came after it.
 * Keys and paths that are new are added to the database.
 *
 * *gone_back is set if a counter is less than it was. It is taken as one that
 * began anew; with `recorded`, which may have counted it under another name, as
 * one that nothing was added to. Returns false with *error.
 */
bool history_delta(struct history_db *db, struct history_paths *paths,
		   const struct snapshot *later,
		   const struct snapshot *earlier,
		   const struct snapshot *recorded,
		   history_key_visitor visitor, void *private_data,
		   bool *gone_back, struct latency_error *error);

/* Adds the counters of a slot to the sums of its key. */
bool history_add_slot(struct history_db *db, struct history_paths *paths,
		      const struct segment_image *image,
		      const struct latency_slot *slot,
		      struct path_sums *sums, struct latency_error *error);

#endif
