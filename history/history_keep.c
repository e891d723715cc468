/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <sqlite3.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
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

/* 100M; NULL: no limit. */
static bool parse_size(const char *text, uint64_t *size)
{
	static const char letters[] = "kMG";
	const char *letter;
	uint64_t unit = 1;
	double value;
	ptrdiff_t i;
	char *end;

	*size = 0;
	if (text == NULL) {
		return true;
	}
	value = strtod(text, &end);
	letter = *end != '\0' ? strchr(letters, *end) : NULL;
	if (letter != NULL) {
		end++;
		for (i = 0; i <= letter - letters; i++) {
			unit *= 1000;
		}
	}
	if (*end != '\0' || !isdigit((unsigned char)text[0]) ||
	    !(value >= 1) || !(value <= 1e9)) {
		return false;
	}
	*size = (uint64_t)(value * (double)unit);
	return true;
}

bool history_keep_parse(const char *text, uint64_t step_ns,
			struct history_keep *keep, struct latency_error *error)
{
	char copy[256];
	char *rest = copy, *word, empty[] = "";

	memset(keep, 0, sizeof(*keep));
	snprintf(copy, sizeof(copy), "%s", text);
	while ((word = strsep(&rest, ",")) != NULL) {
		char *time = word;
		const char *step = NULL;

		if (strchr(word, ':') != NULL) {
			step = strsep(&time, ":");
		} else if (keep->count == 0) {
			time = strsep(&word, "/");
			if (!parse_size(word, &keep->size)) {
				time = empty;
			}
		}
		if (!add(keep, step, time, step_ns)) {
			error_set(error, "--keep takes TIME[/SIZE]"
				  "[,INTERVAL:TIME...], each not less than the "
				  "one before, as in " HISTORY_KEEP
				  ", not '%s'", text);
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
