/*
 * The database of the history: opened, checked, and asked. docs/history.md
 * describes its tables.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_DB_H
#define HISTORY_DB_H

#include <stdbool.h>
#include <stdint.h>

#include "latency_error.h"

#define HISTORY_DATABASE "/var/lib/smblatency/history.db"

#define HISTORY_KEYS ((uint32_t)1 << 24)

/*
 * The id of a row of `counts`: interval << 16 | number of its first key /
 * COUNTS_KEYS.
 */
#define HISTORY_ROWS ((uint32_t)1 << 16)

struct sqlite3;
struct sqlite3_stmt;

struct history_db {
	struct sqlite3 *sql;
	int lock;			/* of the recorder; -1: a reader */
	char name[4096];
};

/*
 * Opens a history to be read: all that is asked of it is as of one moment,
 * whatever is recorded meanwhile. Returns false with *error; errno is ENOENT if
 * there is no such file.
 */
bool history_db_open(struct history_db *db, const char *name,
		     struct latency_error *error);

/*
 * The same to be written, made if it is missing; errno is EBUSY if another
 * recorder has it.
 */
bool history_db_create(struct history_db *db, const char *name,
		       struct latency_error *error);

void history_db_close(struct history_db *db);

/* Runs statements without an answer. Returns false with *error. */
bool history_run(struct history_db *db, const char *statements,
		 struct latency_error *error);

/* Runs a statement of which ?1 is a number. Returns false with *error. */
bool history_run_with(struct history_db *db, const char *statement,
		      int64_t number, struct latency_error *error);

/* A statement, for sqlite3_finalize(); NULL with *error. */
struct sqlite3_stmt *history_prepare(struct history_db *db, const char *text,
				     struct latency_error *error);

/* Takes the next row; false at the end, and with *failed set after *error. */
bool history_next(struct history_db *db, struct sqlite3_stmt *statement,
		  bool *failed, struct latency_error *error);

/* Runs a statement without an answer and finalizes it. False with *error. */
bool history_finish(struct history_db *db, struct sqlite3_stmt *statement,
		    struct latency_error *error);

#endif
