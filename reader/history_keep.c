/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "history_keep.h"
#include "time_text.h"

/* Adds a level; false if it makes no sense behind the one before. */
static bool add(struct history_keep *keep, const char *step, const char *time,
		uint64_t recorded_ns)
{
	unsigned n = keep->count;
	uint64_t step_ns = recorded_ns, keep_ns;

	if (n == HISTORY_LEVELS || (step == NULL) != (n == 0) ||
	    (step != NULL && !duration_parse(step, &step_ns)) ||
	    !duration_parse(time, &keep_ns)) {
		return false;
	}
	if (n > 0 && step_ns <= keep->level[0].step_ns) {
		/* What is recorded is not finer. */
		keep->level[0].keep_ns = keep_ns > keep->level[0].keep_ns ?
			keep_ns : keep->level[0].keep_ns;
		return true;
	}
	if (n > 0 && (step_ns < keep->level[n - 1].step_ns ||
		      keep_ns < keep->level[n - 1].keep_ns)) {
		return false;
	}
	keep->level[n].step_ns = step_ns;
	keep->level[n].keep_ns = keep_ns;
	keep->count++;
	return true;
}

bool history_keep_parse(const char *text, uint64_t step_ns,
			struct history_keep *keep, struct latency_error *error)
{
	char copy[256];
	char *rest = copy, *word;

	memset(keep, 0, sizeof(*keep));
	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, ",")) != NULL) {
		char *time = word;
		const char *step = NULL;

		if (strchr(word, ':') != NULL) {
			step = strsep(&time, ":");
		}
		if (!add(keep, step, time, step_ns)) {
			error_set(error, "--keep takes TIME[,INTERVAL:TIME...],"
				  " each not less than the one before, as in "
				  HISTORY_KEEP ", not '%s'", text);
			return false;
		}
	}
	return true;
}

bool history_keep_store(struct history_db *db, const struct history_keep *keep,
			struct latency_error *error)
{
	unsigned i;

	for (i = 0; i < keep->count; i++) {
		struct sqlite3_stmt *s = history_prepare(
			db, "INSERT OR REPLACE INTO level (number, step_ns, "
			"keep_ns) VALUES (?, ?, ?)", error);

		if (s == NULL) {
			return false;
		}
		sqlite3_bind_int64(s, 1, i);
		sqlite3_bind_int64(s, 2,
				   (sqlite3_int64)keep->level[i].step_ns);
		sqlite3_bind_int64(s, 3,
				   (sqlite3_int64)keep->level[i].keep_ns);
		if (!history_finish(db, s, error)) {
			return false;
		}
	}
	return true;
}
