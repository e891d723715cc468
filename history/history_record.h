/*
 * The recorder: what was counted since it last looked, as one more interval of
 * the history.
 *
 * What it has recorded and up to where it has counted are written in the same
 * transaction. So one that is killed at any moment has lost nothing and will
 * double nothing: what came since its last interval is in the next one, which
 * is longer.
 *
 * Up to where it has counted is the state of history_state.h and the intervals
 * after that: the state is only written once in a while. Where names were
 * merged since then (departed_place.h) these intervals cannot be taken away
 * from what is counted now; then they are replaced by one that is longer.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_RECORD_H
#define HISTORY_RECORD_H

#include "history_keep.h"
#include "history_names.h"
#include "slow_ops.h"
#include "snapshot.h"

struct history_recorder {
	struct history_db db;
	struct history_paths paths;
	struct history_keep keep;
	struct snapshot *last;		/* what is recorded; NULL: nothing */
	struct snapshot *recorded;	/* after `last`; NULL: nothing */
	int64_t state;			/* latest interval in the state */
	uint64_t last_ns;		/* end of the latest interval */
	uint64_t saved_ns;		/* when the state was written */
};

/* What became of a snapshot. */
enum history_recorded {
	RECORD_FAILED,			/* it will be in the next one */
	RECORD_BROKEN,			/* the database is damaged */
	RECORD_BEGUN,			/* the first there is */
	RECORD_ADDED,
};

/*
 * Opens the database, which is made if it is missing, and goes on where an
 * earlier recorder was. Returns false with *error; errno is EBUSY if another
 * one is running.
 */
bool history_record_open(struct history_recorder *recorder, const char *name,
			 const struct history_keep *keep,
			 struct latency_error *error);

/*
 * Records what came since the last one, and these slow ops. The snapshot is
 * the recorder's from then on.
 */
enum history_recorded history_record(struct history_recorder *recorder,
				     struct snapshot *snapshot,
				     const struct slow_op_list *slow,
				     struct latency_error *error);

/*
 * Writes the state down, so that the next recorder need not look at the latest
 * intervals, and closes.
 */
bool history_record_close(struct history_recorder *recorder,
			  struct latency_error *error);

#endif
