/*
 * What had been counted when the recorder last wrote it down, in the database:
 * a recorder that is started again goes on from there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_STATE_H
#define HISTORY_STATE_H

#include "history_names.h"
#include "snapshot.h"

/*
 * Replaces the state by this snapshot, which includes all intervals up to this
 * one. To be called in a transaction. Returns false with *error.
 */
bool history_state_save(struct history_db *db, struct history_paths *paths,
			const struct snapshot *snapshot, int64_t interval,
			struct latency_error *error);

/*
 * The state as a snapshot, to be freed, and the latest interval that it
 * includes; *snapshot is NULL if there is none. Returns false with *error.
 */
bool history_state_load(struct history_db *db,
			const struct history_paths *paths,
			struct snapshot **snapshot, int64_t *interval,
			struct latency_error *error);

#endif
