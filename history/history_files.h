/*
 * The hot files of the history, read: of each step of some minutes those that
 * took the most time, with what the others had together.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_FILES_H
#define HISTORY_FILES_H

#include "filter.h"
#include "history_db.h"
#include "hot_file_set.h"

/* Which steps there were. */
struct history_files_span {
	unsigned steps;
	uint64_t begin_ns;		/* CLOCK_REALTIME */
	uint64_t end_ns;
};

/*
 * What files had in the steps whose middle is from one time to another; if
 * there is none, in that of which most is. by: as of hot_files_read(). Returns
 * false with *error; then nothing is to be freed.
 */
bool history_files_read(struct history_db *db, uint64_t from_ns, uint64_t to_ns,
			const struct filter *filter, unsigned by,
			struct hot_files *files,
			struct history_files_span *span,
			struct latency_error *error);

#endif
