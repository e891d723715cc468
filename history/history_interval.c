/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history_interval.h"

/* All columns but id; NUMBER(column, field) for each that is a number. */
#define NUMBERS(NUMBER)                              \
	NUMBER(level, level)                         \
	NUMBER(begin_ns, begin_ns)                   \
	NUMBER(end_ns, end_ns)                       \
	NUMBER(running_ns, running_ns)               \
	NUMBER(processes, processes)                 \
	NUMBER(connected, connected)                 \
	NUMBER(departed, departed)                   \
	NUMBER(unmeasured, unmeasured)               \
	NUMBER(unmeasured_trees, unmeasured_trees)   \
	NUMBER(turns, time.turns)                    \
	NUMBER(waits, time.waits)                    \
	NUMBER(page_faults, time.page_faults)        \
	NUMBER(voluntary_switches, time.voluntary_switches) \
	NUMBER(forced_switches, time.forced_switches)

#define COLUMN(column, field) #column ", "
#define MARK(column, field) "?, "

#define COLUMNS NUMBERS(COLUMN)

/* Can it be one that a recorder wrote? Its id is part of those of counts. */
static bool check(const struct history_db *db,
		  const struct history_interval *i,
		  struct latency_error *error)
{
	if (i->id > 0 && i->id < INT64_MAX / (int64_t)HISTORY_ROWS &&
	    i->begin_ns <= INT64_MAX && i->end_ns <= INT64_MAX) {
		return true;
	}
	error_set(error, "%s is damaged: interval %lld makes no sense",
		  db->name, (long long)i->id);
	return false;
}

bool history_interval_add(struct history_db *db, struct history_interval *i,
			  struct latency_error *error)
{
	static const char insert[] = "INSERT INTO interval (" COLUMNS
#define WALL_PART(name, label, brief, doc) #name "_ns, "
#define WALL_CPU(name, label, mode, doc) #name "_ns, "
#define WALL_WORK(name, label, state, doc) #name "_ns, "
#include "latency_wall.h"
		"samba_version) VALUES (" NUMBERS(MARK)
#define WALL_PART(name, label, brief, doc) "?, "
#define WALL_CPU(name, label, mode, doc) "?, "
#define WALL_WORK(name, label, state, doc) "?, "
#include "latency_wall.h"
		"?)";
	struct sqlite3_stmt *s = history_prepare(db, insert, error);
	int n = 1;

	if (s == NULL) {
		return false;
	}
#define BIND(column, field) \
	sqlite3_bind_int64(s, n++, (sqlite3_int64)i->field);
	NUMBERS(BIND)
#undef BIND
#define WALL_PART(name, label, brief, doc) \
	sqlite3_bind_int64(s, n++, (sqlite3_int64)i->time.name##_ns);
#define WALL_CPU(name, label, mode, doc) \
	sqlite3_bind_int64(s, n++, (sqlite3_int64)i->time.name##_ns);
#define WALL_WORK(name, label, state, doc) \
	sqlite3_bind_int64(s, n++, (sqlite3_int64)i->time.name##_ns);
#include "latency_wall.h"
	sqlite3_bind_text(s, n, i->samba_version, -1, SQLITE_STATIC);
	if (!history_finish(db, s, error)) {
		return false;
	}
	i->id = sqlite3_last_insert_rowid(db->sql);
	return check(db, i, error);
}

static void take_row(struct sqlite3_stmt *s, struct history_interval *i)
{
	const char *version;
	int n = 0;

	memset(i, 0, sizeof(*i));
	i->id = sqlite3_column_int64(s, n++);
#define TAKE(column, field) \
	i->field = (__typeof__(i->field))sqlite3_column_int64(s, n++);
	NUMBERS(TAKE)
#undef TAKE
#define WALL_PART(name, label, brief, doc) \
	i->time.name##_ns = (uint64_t)sqlite3_column_int64(s, n++); \
	i->time.wall_ns += i->time.name##_ns;
#define WALL_CPU(name, label, mode, doc) \
	i->time.name##_ns = (uint64_t)sqlite3_column_int64(s, n++);
#define WALL_WORK(name, label, state, doc) \
	i->time.name##_ns = (uint64_t)sqlite3_column_int64(s, n++);
#include "latency_wall.h"
	version = (const char *)sqlite3_column_text(s, n);
	snprintf(i->samba_version, sizeof(i->samba_version), "%s",
		 version != NULL ? version : "");
}

static bool take_rows(struct history_db *db, struct sqlite3_stmt *s,
		      struct history_interval **intervals, unsigned *count,
		      struct latency_error *error)
{
	bool failed = false;
	unsigned room = 0;

	while (history_next(db, s, &failed, error)) {
		if (*count == room) {
			struct history_interval *more;

			room = room * 2 + 64;
			more = realloc(*intervals, room * sizeof(*more));
			if (more == NULL) {
				error_set(error, "out of memory");
				return false;
			}
			*intervals = more;
		}
		take_row(s, &(*intervals)[*count]);
		if (!check(db, &(*intervals)[(*count)++], error)) {
			return false;
		}
	}
	return !failed;
}

bool history_intervals(struct history_db *db, const char *where,
		       const int64_t *parameters, unsigned parameter_count,
		       struct history_interval **intervals, unsigned *count,
		       struct latency_error *error)
{
	static const char select[] = "SELECT id, " COLUMNS
#define WALL_PART(name, label, brief, doc) #name "_ns, "
#define WALL_CPU(name, label, mode, doc) #name "_ns, "
#define WALL_WORK(name, label, state, doc) #name "_ns, "
#include "latency_wall.h"
		"samba_version FROM interval WHERE ";
	struct sqlite3_stmt *s;
	char text[2048];
	unsigned i;
	bool ok;

	*intervals = NULL;
	*count = 0;
	snprintf(text, sizeof(text), "%s%s", select, where);
	s = history_prepare(db, text, error);
	if (s == NULL) {
		return false;
	}
	for (i = 0; i < parameter_count; i++) {
		sqlite3_bind_int64(s, (int)i + 1, parameters[i]);
	}
	ok = take_rows(db, s, intervals, count, error);
	sqlite3_finalize(s);
	if (!ok) {
		free(*intervals);
		*intervals = NULL;
	}
	return ok;
}

void history_interval_sum(struct history_interval *sum,
			  const struct history_interval *more)
{
	if (sum->begin_ns == 0 || more->begin_ns < sum->begin_ns) {
		sum->begin_ns = more->begin_ns;
	}
	if (more->end_ns >= sum->end_ns) {
		sum->end_ns = more->end_ns;
		sum->processes = more->processes;
		sum->connected = more->connected;
		memcpy(sum->samba_version, more->samba_version,
		       sizeof(sum->samba_version));
	}
	sum->running_ns += more->running_ns;
	sum->departed += more->departed;
	sum->unmeasured += more->unmeasured;
	sum->unmeasured_trees += more->unmeasured_trees;
	sum->time.turns += more->time.turns;
	sum->time.waits += more->time.waits;
	sum->time.wall_ns += more->time.wall_ns;
#define WALL_PART(name, label, brief, doc) \
	sum->time.name##_ns += more->time.name##_ns;
#define WALL_CPU(name, label, mode, doc) \
	sum->time.name##_ns += more->time.name##_ns;
#define WALL_WORK(name, label, state, doc) \
	sum->time.name##_ns += more->time.name##_ns;
#define WALL_COUNT(name, label, doc) sum->time.name += more->time.name;
#include "latency_wall.h"
}
