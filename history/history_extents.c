/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "history_extents.h"

/* Appends a row to an array; NULL: no memory. */
static void *append(void **array, unsigned *count, size_t size)
{
	void *more = realloc(*array, (*count + 1) * size);

	if (more == NULL) {
		return NULL;
	}
	*array = more;
	return (char *)more + (*count)++ * size;
}

static bool take_level(struct history_extents *e, struct sqlite3_stmt *s)
{
	struct history_level *l = append((void **)&e->levels, &e->level_count,
					 sizeof(*l));

	if (l == NULL) {
		return false;
	}
	l->level = (unsigned)sqlite3_column_int(s, 0);
	l->step_ns = (uint64_t)sqlite3_column_int64(s, 1);
	l->begin_ns = (uint64_t)sqlite3_column_int64(s, 2);
	l->end_ns = (uint64_t)sqlite3_column_int64(s, 3);
	l->intervals = (uint64_t)sqlite3_column_int64(s, 4);
	return true;
}

static bool take_gap(struct history_extents *e, struct sqlite3_stmt *s)
{
	struct history_gap *g = append((void **)&e->gaps, &e->gap_count,
				       sizeof(*g));

	if (g == NULL) {
		return false;
	}
	g->begin_ns = (uint64_t)sqlite3_column_int64(s, 0);
	g->end_ns = (uint64_t)sqlite3_column_int64(s, 1);
	return true;
}

static bool take_slow_ops(struct history_extents *e, struct sqlite3_stmt *s)
{
	e->slow_ops = (uint64_t)sqlite3_column_int64(s, 0);
	return true;
}

static bool take_size(struct history_extents *e, struct sqlite3_stmt *s)
{
	e->size = (uint64_t)sqlite3_column_int64(s, 0);
	return true;
}

static const struct {
	const char *text;
	bool (*take)(struct history_extents *e, struct sqlite3_stmt *s);
} questions[] = {
	{ "SELECT number, step_ns, min(begin_ns), max(end_ns), count(*) "
	  "FROM interval JOIN level ON number = level GROUP BY number "
	  "ORDER BY number", take_level },
	/* Where it is known finely, and where it is not any more. */
	{ "SELECT begin_ns, end_ns FROM interval JOIN level ON number = level "
	  "WHERE end_ns - begin_ns > 2 * step_ns AND NOT EXISTS (SELECT 1 FROM "
	  "interval AS part WHERE part.parent = interval.id) ORDER BY begin_ns",
	  take_gap },
	{ "SELECT count(*) FROM slow_op", take_slow_ops },
	{ "SELECT page_count * page_size FROM pragma_page_count(), "
	  "pragma_page_size()", take_size },
};

bool history_extents_read(struct history_db *db, struct history_extents *e,
			  struct latency_error *error)
{
	bool failed = false;
	unsigned i;

	memset(e, 0, sizeof(*e));
	for (i = 0; i < sizeof(questions) / sizeof(questions[0]) && !failed;
	     i++) {
		struct sqlite3_stmt *s = history_prepare(
			db, questions[i].text, error);

		failed = s == NULL;
		while (!failed && history_next(db, s, &failed, error)) {
			if (!questions[i].take(e, s)) {
				error_set(error, "out of memory");
				failed = true;
			}
		}
		sqlite3_finalize(s);
	}
	if (failed) {
		history_extents_free(e);
	}
	return !failed;
}

void history_extents_free(struct history_extents *e)
{
	free(e->levels);
	free(e->gaps);
	memset(e, 0, sizeof(*e));
}
