/*
 * A database of the history in which any value has been replaced by any other:
 * every report on it, and a recorder that goes on with it, ends by itself.
 *
 * The bytes say which values: table, column, row, kind, length, and the value.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <signal.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

#define EDITS 8

static const char *const tables[] = { "interval", "key", "path", "counts",
				      "slow_op", "state", "state_segment",
				      "state_slot", "level", "total" };

/* The name of a column, by its number. */
static bool column_of(sqlite3 *sql, const char *table, unsigned number,
		      char *name, size_t size)
{
	sqlite3_stmt *statement;
	char text[128];
	int columns;

	snprintf(text, sizeof(text), "SELECT * FROM %s", table);
	if (sqlite3_prepare_v2(sql, text, -1, &statement, NULL) != SQLITE_OK) {
		return false;
	}
	columns = sqlite3_column_count(statement);
	snprintf(name, size, "%s",
		 sqlite3_column_name(statement, (int)number % columns));
	sqlite3_finalize(statement);
	return true;
}

/* Makes the change that the bytes describe; how many they were. */
static size_t edit(sqlite3 *sql, const uint8_t *data, size_t size)
{
	const char *table = tables[data[0] % (sizeof(tables) /
					      sizeof(tables[0]))];
	size_t length = data[4] < size - 5 ? data[4] : size - 5;
	sqlite3_stmt *statement;
	char column[64], text[256];
	int64_t number = 0;

	if (!column_of(sql, table, data[1], column, sizeof(column))) {
		return 5 + length;
	}
	snprintf(text, sizeof(text), "UPDATE OR IGNORE %s SET \"%s\" = ? WHERE "
		 "rowid = (SELECT rowid FROM %s LIMIT 1 OFFSET %u)", table,
		 column, table, data[2] % 16);
	if (sqlite3_prepare_v2(sql, text, -1, &statement, NULL) != SQLITE_OK) {
		return 5 + length;
	}
	memcpy(&number, data + 5, length < 8 ? length : 8);
	switch (data[3] % 4) {
	case 0:
		sqlite3_bind_int64(statement, 1, number);
		break;
	case 1:
		sqlite3_bind_blob(statement, 1, data + 5, (int)length,
				  SQLITE_STATIC);
		break;
	case 2:
		sqlite3_bind_text(statement, 1, (const char *)data + 5,
				  (int)length, SQLITE_STATIC);
		break;
	default:
		sqlite3_bind_double(statement, 1, (double)number);
		break;
	}
	sqlite3_step(statement);
	sqlite3_finalize(statement);
	return 5 + length;
}

/* The good history in memory, where its schema is read once. */
static sqlite3 *in_memory(const uint8_t *good, size_t size)
{
	static sqlite3 *sql;
	sqlite3_backup *backup;
	sqlite3 *file;
	char name[128];

	if (sql != NULL) {
		return sql;
	}
	snprintf(name, sizeof(name), "%s/good.db", fuzz_path());
	close(fuzz_plant("good.db", good, size));
	must(sqlite3_open(name, &file) == SQLITE_OK);
	must(sqlite3_open(":memory:", &sql) == SQLITE_OK);
	backup = sqlite3_backup_init(sql, "main", file, "main");
	must(backup != NULL);
	must(sqlite3_backup_step(backup, -1) == SQLITE_DONE);
	must(sqlite3_backup_finish(backup) == SQLITE_OK);
	must(sqlite3_close(file) == SQLITE_OK);
	must(sqlite3_exec(sql, "PRAGMA ignore_check_constraints = 1", NULL,
			  NULL, NULL) == SQLITE_OK);
	return sql;
}

/* Makes the file. The changes are taken back then, for the next one. */
static void plant_edited(sqlite3 *sql, const uint8_t *data, size_t size)
{
	sqlite3_int64 length;
	unsigned char *bytes;
	unsigned edits;

	must(sqlite3_exec(sql, "BEGIN", NULL, NULL, NULL) == SQLITE_OK);
	for (edits = 0; edits < EDITS && size > 5; edits++) {
		size_t taken = edit(sql, data, size);

		data += taken;
		size -= taken;
	}
	bytes = sqlite3_serialize(sql, "main", &length, 0);
	must(bytes != NULL);
	close(fuzz_plant("history.db", bytes, (size_t)length));
	sqlite3_free(bytes);
	must(sqlite3_exec(sql, "ROLLBACK", NULL, NULL, NULL) == SQLITE_OK);
}

/*
 * A signal that a recorder finds each time, as one that is told to end: it
 * records twice then, and does not wait in between.
 */
static void tell_to_end(void)
{
	static bool told;
	sigset_t term;

	if (!told) {
		sigemptyset(&term);
		sigaddset(&term, SIGTERM);
		must(sigprocmask(SIG_BLOCK, &term, NULL) == 0);
		must(raise(SIGTERM) == 0);
		told = true;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct fuzz_command commands[4];
	static char name[128], segments[128];
	const char *words[4][10] = {
		{ "smblatency-stat", "--json", "--database", name, "--to",
		  "now" },
		{ "smblatency-stat", "--database", name, "--to", "now", "--by",
		  "share,user,client,request,layer,op" },
		{ "smblatency-stat", "--database", name, "history" },
		{ "smblatency-stat", "--segments", segments, "--database",
		  name, "-i", "0.01", "--count=1", "record" },
	};
	size_t good_size;
	const uint8_t *good = fuzz_good(&good_size);
	const unsigned i = fuzz_choice(data, size) % 4;

	snprintf(name, sizeof(name), "%s/history.db", fuzz_path());
	/* Of nothing, so that a recorder does not look for long. */
	snprintf(segments, sizeof(segments), "%s/missing", fuzz_path());
	tell_to_end();
	plant_edited(in_memory(good, good_size), data, size);
	must(fuzz_run(&commands[i], words[i]) <= 1);
	fuzz_directory_empty();
	return 0;
}
