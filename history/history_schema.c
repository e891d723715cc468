/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>

#include "history_schema.h"

#define NUMBER " INTEGER NOT NULL DEFAULT 0,"
#define NUMBER_COLUMN(name) #name NUMBER

static const char *const wall_columns[] = {
#define WALL_PART(name, label, brief, doc) #name "_ns",
#define WALL_CPU(name, label, mode, doc) #name "_ns",
#define WALL_WORK(name, label, state, doc) #name "_ns",
#define WALL_COUNT(name, label, doc) #name,
#include "latency_wall.h"
	NULL,
};

const char history_schema[] =
	/* A level of the roll-up: intervals of step_ns, kept for keep_ns. */
	"CREATE TABLE level ("
	" number INTEGER PRIMARY KEY, step_ns" NUMBER " keep_ns INTEGER);"

	"CREATE TABLE interval ("
	" id INTEGER PRIMARY KEY,"
	" level" NUMBER
	" parent" NUMBER	/* interval that sums it up; 0: none yet */
	" begin_ns" NUMBER	/* CLOCK_REALTIME */
	" end_ns" NUMBER
	" running_ns" NUMBER	/* CLOCK_MONOTONIC of what it counts */
	" processes" NUMBER	/* alive at its end */
	" connected" NUMBER	/* tree connects, likewise */
	HISTORY_SUMS(NUMBER_COLUMN)
#define WALL_PART(name, label, brief, doc) #name "_ns" NUMBER
#define WALL_CPU(name, label, mode, doc) #name "_ns" NUMBER
#define WALL_WORK(name, label, state, doc) #name "_ns" NUMBER
#include "latency_wall.h"
	" bytes" NUMBER		/* of nodes in `counts` */
	" thin" NUMBER		/* 1: see history_thin.h */
	" samba_version TEXT NOT NULL DEFAULT '');"
	"CREATE INDEX interval_parent ON interval (parent, end_ns);"

	/* Names are escaped: see escape.h. */
	"CREATE TABLE key ("
	" id INTEGER PRIMARY KEY,"
	" share TEXT NOT NULL, user TEXT NOT NULL, client TEXT NOT NULL,"
	" objects TEXT NOT NULL, UNIQUE (share, user, client, objects));"

	"CREATE TABLE path ("
	" id INTEGER PRIMARY KEY,"
	" parent" NUMBER	/* path above; 0: none */
	" layer TEXT NOT NULL,"	/* '': a request, or another root */
	" op TEXT NOT NULL,"
	" root INTEGER NOT NULL," /* number of the request; -1: an op */
	" async" NUMBER
	" class" NUMBER
	" text TEXT NOT NULL,"	/* 'SMB2_OP_CREATE > create_file > openat' */
	" UNIQUE (parent, layer, op, root, async));"

	/* interval << 16 | first key / 256; nodes: see counts_code.h. */
	"CREATE TABLE counts ("
	" id INTEGER PRIMARY KEY,"
	" nodes BLOB NOT NULL);"

	/*
	 * Of intervals of level 1 and above; see history_totals.h. The key of
	 * a request, or for an op that of its share.
	 */
	"CREATE TABLE total ("
	" interval INTEGER NOT NULL,"
	" key INTEGER NOT NULL,"
	" path INTEGER NOT NULL,"
	" calls" NUMBER
	" errors" NUMBER
	" total_ns" NUMBER
	" bytes" NUMBER
	" PRIMARY KEY (interval, key, path)) WITHOUT ROWID;"

	"CREATE TABLE slow_op ("
	" id INTEGER PRIMARY KEY,"
	" end_ns INTEGER NOT NULL, duration_ns INTEGER NOT NULL,"
	" message_id INTEGER NOT NULL,"
	" pid INTEGER NOT NULL, error INTEGER NOT NULL,"
	" share TEXT NOT NULL, user TEXT NOT NULL, client TEXT NOT NULL,"
	" request TEXT NOT NULL, layer TEXT NOT NULL, op TEXT NOT NULL,"
	" around TEXT NOT NULL, path TEXT NOT NULL,"
	" UNIQUE (end_ns, duration_ns, message_id, path));"

	/* For people. */
	"CREATE VIEW interval_times AS SELECT id, level, "
	"datetime(begin_ns / 1000000000, 'unixepoch', 'localtime') AS begin, "
	"datetime(end_ns / 1000000000, 'unixepoch', 'localtime') AS end, "
	"running_ns / 1e9 AS seconds, processes, departed"
#define WALL_PART(name, label, brief, doc) \
	", " #name "_ns / 1e9 AS " #name "_s"
#include "latency_wall.h"
	" FROM interval;"

#define LOCAL(column) \
	"datetime(" #column " / 1000000000, 'unixepoch', 'localtime')"
#define TOTAL_TIMES \
	"level, " LOCAL(begin_ns) " AS begin, " LOCAL(end_ns) " AS end, "
#define TOTAL_NUMBERS "calls, errors, total_ns / 1e9 AS seconds"
#define TOTALS \
	" FROM total JOIN interval ON interval.id = interval " \
	"JOIN key ON key.id = key JOIN path ON path.id = path WHERE "

	"CREATE VIEW request_totals AS SELECT " TOTAL_TIMES
	"share, user, client, op AS request, " TOTAL_NUMBERS TOTALS
	"path.parent = 0 AND root >= 0;"

	"CREATE VIEW op_totals AS SELECT " TOTAL_TIMES "share, "
	"substr(text, 1, instr(text || ' > ', ' > ') - 1) AS request, layer, "
	"op, text AS path, " TOTAL_NUMBERS ", total.bytes" TOTALS
	"root = -1;"

	"CREATE VIEW slow_op_times AS SELECT datetime(end_ns / 1000000000, "
	"'unixepoch', 'localtime') AS end, duration_ns / 1e6 AS ms, op, "
	"request, share, user, client, path, error, pid FROM slow_op;"

	/* What had been counted when the recorder last wrote it down. */
	"CREATE TABLE state ("
	" id INTEGER PRIMARY KEY CHECK (id = 1),"
	" interval INTEGER NOT NULL," /* the latest that is included */
	" taken_ns INTEGER NOT NULL);"

	"CREATE TABLE state_segment ("
	" id INTEGER PRIMARY KEY,"
	" segment INTEGER NOT NULL," /* id of the segment */
	" kind INTEGER NOT NULL, pid INTEGER NOT NULL,"
	" owned INTEGER NOT NULL," /* its process was alive */
	" start_ns INTEGER NOT NULL,"
	HISTORY_SUMS(NUMBER_COLUMN)
#define WALL_PART(name, label, brief, doc) #name "_ns" NUMBER
#define WALL_CPU(name, label, mode, doc) #name "_ns" NUMBER
#define WALL_WORK(name, label, state, doc) #name "_ns" NUMBER
#include "latency_wall.h"
	" name TEXT NOT NULL);"

	"CREATE TABLE state_slot ("
	" id INTEGER PRIMARY KEY,"
	" segment INTEGER NOT NULL," /* id in state_segment */
	" key INTEGER NOT NULL,"
	" began_ns INTEGER NOT NULL, share_since_ns INTEGER NOT NULL,"
	" key_since_ns INTEGER NOT NULL, tree_connects INTEGER NOT NULL,"
	" nodes BLOB NOT NULL);"
	"CREATE INDEX state_slot_segment ON state_slot (segment);";

/* Hot files, which came later than the rest; see history_files.h. */
static const char file_schema[] =
	"CREATE TABLE file_step ("
	" id INTEGER PRIMARY KEY,"
	" begin_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL);"
	"CREATE INDEX file_step_end ON file_step (end_ns);"

	"CREATE TABLE file ("
	" step INTEGER NOT NULL, key INTEGER NOT NULL,"
	" path TEXT NOT NULL,"
	" cut INTEGER NOT NULL,"	/* '...', and its end */
	" hash INTEGER NOT NULL,"	/* of the whole, if it is cut */
#define FIGURE(NAME, field, word, doc) " " #field NUMBER
#include "latency_figures.h"
#define FIGURE(NAME, field, word, doc) " missed_" #field NUMBER
#include "latency_figures.h"
	" PRIMARY KEY (step, key, path, cut, hash)) WITHOUT ROWID;"

	"CREATE TABLE file_rest ("
	" step INTEGER NOT NULL, key INTEGER NOT NULL,"
#define FIGURE(NAME, field, word, doc) " others_" #field NUMBER
#include "latency_figures.h"
#define FIGURE(NAME, field, word, doc) " most_" #field NUMBER
#include "latency_figures.h"
#define FIGURE(NAME, field, word, doc) " unknown_" #field NUMBER
#include "latency_figures.h"
	" PRIMARY KEY (step, key)) WITHOUT ROWID;"

	"CREATE VIEW file_times AS SELECT " LOCAL(begin_ns) " AS begin, "
	LOCAL(end_ns) " AS end, share, user, client, path, requests, "
	"failures, time_ns / 1e9 AS seconds, read_bytes, written_bytes "
	"FROM file JOIN file_step ON file_step.id = step "
	"JOIN key ON key.id = key;";

static bool has_column(struct sqlite3 *sql, const char *table,
		       const char *column)
{
	return sqlite3_table_column_metadata(sql, NULL, table, column, NULL,
					     NULL, NULL, NULL, NULL) ==
		SQLITE_OK;
}

static bool add_column(struct sqlite3 *sql, const char *table,
		       const char *column)
{
	char text[256];

	if (has_column(sql, table, column)) {
		return true;
	}
	snprintf(text, sizeof(text), "ALTER TABLE %s ADD COLUMN %s INTEGER "
		 "NOT NULL DEFAULT 0", table, column);
	return sqlite3_exec(sql, text, NULL, NULL, NULL) == SQLITE_OK;
}

bool history_schema_extend(struct sqlite3 *sql)
{
	static const char *const tables[] = { "interval", "state_segment" };
	unsigned t, c;

	if (!has_column(sql, "file_rest", "step") &&
	    sqlite3_exec(sql, file_schema, NULL, NULL, NULL) != SQLITE_OK) {
		return false;
	}

	if (!add_column(sql, "interval", "thin")) {
		return false;
	}
	for (t = 0; t < 2; t++) {
		for (c = 0; wall_columns[c] != NULL; c++) {
			if (!add_column(sql, tables[t], wall_columns[c])) {
				return false;
			}
		}
	}
	return true;
}
