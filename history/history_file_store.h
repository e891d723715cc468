/*
 * The hot files of the history, stored: see history_files.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_FILE_STORE_H
#define HISTORY_FILE_STORE_H

#include "history_db.h"
#include "hot_file_set.h"

/*
 * Of a step there are kept: the files with the most time, and of each share,
 * user and client so many, so that none is without.
 */
#define HISTORY_FILES 100u
#define HISTORY_FILES_OF_KEY 1u

/*
 * Stores what files, which are by user and client, had from one time to another
 * (CLOCK_REALTIME), sorts them, and forgets steps that ended before old_ns: all
 * of that or nothing. Returns false with *error.
 */
bool history_files_store(struct history_db *db, uint64_t begin_ns,
			 uint64_t end_ns, struct hot_files *files,
			 uint64_t old_ns, struct latency_error *error);

#endif
