/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "history_db.h"
#include "history_schema.h"

#define APPLICATION_ID 0x534d424c	/* "SMBL" */
#define SCHEMA_VERSION 2
#define BUSY_MS 5000			/* others write, or check point */

/* Says in *error what the database says. Returns false. */
static bool says(const struct history_db *db, struct latency_error *error)
{
	if (sqlite3_extended_errcode(db->sql) == SQLITE_CANTOPEN_SYMLINK) {
		error_set(error, "%s: is a symlink", db->name);
		return false;
	}
	switch (sqlite3_errcode(db->sql) & 0xff) {
	case SQLITE_NOTADB:
		error_set(error, "%s: not an smblatency-stat database",
			  db->name);
		break;
	case SQLITE_CORRUPT:
		error_set(error, "%s is damaged: move it away; 'record' then "
			  "makes a new one", db->name);
		break;
	case SQLITE_FULL:
		error_set(error, "%s: no room: %s", db->name, strerror(ENOSPC));
		break;
	default:
		error_set(error, "%s: %s", db->name, sqlite3_errmsg(db->sql));
		break;
	}
	return false;
}

struct sqlite3_stmt *history_prepare(struct history_db *db, const char *text,
				     struct latency_error *error)
{
	struct sqlite3_stmt *statement;

	if (sqlite3_prepare_v2(db->sql, text, -1, &statement, NULL) !=
	    SQLITE_OK) {
		says(db, error);
		return NULL;
	}
	return statement;
}

bool history_next(struct history_db *db, struct sqlite3_stmt *statement,
		  bool *failed, struct latency_error *error)
{
	switch (sqlite3_step(statement)) {
	case SQLITE_ROW:
		return true;
	case SQLITE_DONE:
		return false;
	default:
		*failed = true;
		return says(db, error);
	}
}

bool history_finish(struct history_db *db, struct sqlite3_stmt *statement,
		    struct latency_error *error)
{
	bool failed = false;

	while (history_next(db, statement, &failed, error)) {
	}
	sqlite3_finalize(statement);
	return !failed;
}

bool history_run_with(struct history_db *db, const char *statement,
		      int64_t number, struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(db, statement, error);

	if (s == NULL) {
		return false;
	}
	sqlite3_bind_int64(s, 1, number);
	return history_finish(db, s, error);
}

bool history_run(struct history_db *db, const char *statements,
		 struct latency_error *error)
{
	return sqlite3_exec(db->sql, statements, NULL, NULL, NULL) ==
		SQLITE_OK || says(db, error);
}

/* ------------------------------- opening --------------------------------- */

/* The number that a pragma says. */
static bool ask(struct history_db *db, const char *pragma, int *number,
		struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(db, pragma, error);
	bool failed = false;

	if (s == NULL) {
		return false;
	}
	*number = 0;
	if (history_next(db, s, &failed, error)) {
		*number = sqlite3_column_int(s, 0);
	}
	sqlite3_finalize(s);
	return !failed;
}

/* Is it ours, and of this version? Sets *empty if nothing is in it. */
static bool check(struct history_db *db, bool *empty,
		  struct latency_error *error)
{
	int application, version, tables;

	if (!ask(db, "PRAGMA application_id", &application, error) ||
	    !ask(db, "PRAGMA user_version", &version, error) ||
	    !ask(db, "SELECT count(*) FROM sqlite_master", &tables, error)) {
		return false;
	}
	*empty = application == 0 && version == 0 && tables == 0;
	if (*empty) {
		return true;
	}
	if (application != APPLICATION_ID) {
		error_set(error, "%s: a database that belongs to another "
			  "program", db->name);
		return false;
	}
	if (version != SCHEMA_VERSION) {
		error_set(error, "%s has version %d, but this program knows "
			  "version %d: %s", db->name, version, SCHEMA_VERSION,
			  version < SCHEMA_VERSION ? "move it away; 'record' "
			  "then makes a new one" : "a newer program wrote it");
		return false;
	}
	return true;
}

/*
 * The path without symlinks on the way to the file, which SQLite takes for one
 * of the file.
 */
static void path_of(const char *name, char path[PATH_MAX])
{
	const char *slash = strrchr(name, '/');
	const char *file = slash != NULL ? slash + 1 : name;
	char copy[PATH_MAX], way[PATH_MAX];

	snprintf(copy, sizeof(copy), "%s", name);
	if (realpath(dirname(copy), way) == NULL ||
	    snprintf(path, PATH_MAX, "%s/%s", way, file) >= PATH_MAX) {
		snprintf(path, PATH_MAX, "%s", name);
	}
}

/* It may be in the directory of a user who is not root, while root reads. */
static bool open_sql(struct history_db *db, int flags,
		     struct latency_error *error)
{
	char path[PATH_MAX];

	path_of(db->name, path);
	if (sqlite3_open_v2(path, &db->sql, flags | SQLITE_OPEN_NOFOLLOW,
			    NULL) != SQLITE_OK) {
		says(db, error);
		return false;
	}
	sqlite3_busy_timeout(db->sql, BUSY_MS);
	/* Whatever was planted in the file is not run. */
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	sqlite3_db_config(db->sql, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	return true;
}

static void init(struct history_db *db, const char *name)
{
	memset(db, 0, sizeof(*db));
	db->lock = -1;
	snprintf(db->name, sizeof(db->name), "%s", name);
}

bool history_db_open(struct history_db *db, const char *name,
		     struct latency_error *error)
{
	bool empty;

	init(db, name);
	if (access(name, F_OK) != 0) {
		error_set(error, "%s: %s", name, strerror(errno));
		return false;
	}
	if (!open_sql(db, SQLITE_OPEN_READWRITE, error) ||
	    !check(db, &empty, error)) {
		history_db_close(db);
		errno = EINVAL;
		return false;
	}
	if (empty) {
		history_db_close(db);
		error_set(error, "%s: is empty", name);
		errno = ENOENT;
		return false;
	}
	if ((!history_schema_extend(db->sql) && !says(db, error)) ||
	    !history_run(db, "BEGIN", error)) {
		history_db_close(db);
		errno = EINVAL;
		return false;
	}
	return true;
}

/*
 * Takes the lock of the recorder, in a file beside: SQLite loses its own on
 * the database if another descriptor of that is closed.
 */
static bool take_lock(struct history_db *db, struct latency_error *error)
{
	const struct flock whole = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	char name[sizeof(db->name) + 16];

	snprintf(name, sizeof(name), "%s-recorder", db->name);
	db->lock = open(name, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (db->lock == -1) {
		error_set(error, "%s: %s", name, strerror(errno));
		return false;
	}
	if (fcntl(db->lock, F_OFD_SETLK, &whole) == 0) {
		return true;
	}
	if (errno == EAGAIN || errno == EACCES) {
		error_set(error, "%s: another recorder is writing to it",
			  db->name);
		errno = EBUSY;
	} else {
		error_set(error, "%s: %s", name, strerror(errno));
	}
	return false;
}

/* Makes its directory if that is all that is missing. */
static void make_directory(const char *name)
{
	char directory[4096];
	char *slash;

	snprintf(directory, sizeof(directory), "%s", name);
	slash = strrchr(directory, '/');
	if (slash != NULL && slash != directory) {
		*slash = '\0';
		mkdir(directory, 0700);
	}
}

static bool set_up(struct history_db *db, struct latency_error *error)
{
	bool empty;

	if (!check(db, &empty, error)) {
		return false;
	}
	if (empty) {
		char text[128];

		snprintf(text, sizeof(text), "PRAGMA application_id = %d; "
			 "PRAGMA user_version = %d", APPLICATION_ID,
			 SCHEMA_VERSION);
		if (!history_run(db, "PRAGMA journal_mode = WAL", error) ||
		    !history_run(db, "BEGIN IMMEDIATE", error) ||
		    !history_run(db, history_schema, error) ||
		    !history_run(db, text, error) ||
		    !history_run(db, "COMMIT", error)) {
			return false;
		}
	}
	return (history_schema_extend(db->sql) || says(db, error)) &&
		history_run(db, "PRAGMA synchronous = NORMAL", error);
}

bool history_db_create(struct history_db *db, const char *name,
		       struct latency_error *error)
{
	mode_t mask = umask(0077);
	bool ok;
	int reason;

	init(db, name);
	make_directory(name);
	ok = take_lock(db, error);
	reason = errno;
	if (ok) {
		ok = open_sql(db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE,
			      error) && set_up(db, error);
		reason = EINVAL;
	}
	umask(mask);
	if (!ok) {
		history_db_close(db);
		errno = reason;
	}
	return ok;
}

void history_db_close(struct history_db *db)
{
	sqlite3_close(db->sql);
	if (db->lock != -1) {
		close(db->lock);
	}
	db->sql = NULL;
	db->lock = -1;
}
