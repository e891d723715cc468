/*
 * The recorder of hot files: what came since it last looked, when a step of
 * some minutes has ended.
 *
 * What requests had of files since smbds began is not in the database. So what
 * came between the last step of a recorder that was killed and the beginning of
 * the next one is not known: it is in no step.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_FILE_RECORD_H
#define HISTORY_FILE_RECORD_H

#include "history_keep.h"
#include "hot_file_set.h"

struct history_file_recorder {
	struct hot_files last;		/* what is recorded */
	uint64_t last_ns;		/* CLOCK_REALTIME of that; 0: never */
	uint64_t step_ns;
	uint64_t keep_ns;
};

/* Steps are those of the first intervals that sum up, and kept as long. */
void history_file_record_begin(struct history_file_recorder *recorder,
			       const struct history_keep *keep);

/*
 * Looks at the files of a segment directory if a step has ended, or the
 * recorder is to end, and the first time. Returns false with *error: then the
 * step goes on.
 */
bool history_file_record(struct history_file_recorder *recorder,
			 struct history_db *db, const char *directory,
			 bool ends, struct latency_error *error);

void history_file_record_end(struct history_file_recorder *recorder);

#endif
