/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history_column.h"
#include "history_file_store.h"
#include "history_names.h"
#include "hot_files.h"

#define FIGURES ((int)HOT_FIGURE_END)	/* columns of a sum */

/* What of a key is not stored by file. */
struct rest {
	struct latency_file_sum stored;	/* what is, by file */
	struct latency_file_sum most;	/* of one of the others, at most */
	unsigned files;			/* that are stored */
	uint32_t key;			/* its number */
};

static void bind_sum(struct sqlite3_stmt *s, int first,
		     const struct latency_file_sum *sum)
{
#define FIGURE(NAME, field, word, doc) \
	sqlite3_bind_int64(s, first++, (sqlite3_int64)sum->field);
#include "latency_figures.h"
}

static void raise_to(struct latency_file_sum *sum,
		     const struct latency_file_sum *more)
{
#define FIGURE(NAME, field, word, doc) \
	sum->field = more->field > sum->field ? more->field : sum->field;
#include "latency_figures.h"
}

static bool is_nothing(const struct latency_file_sum *sum)
{
#define FIGURE(NAME, field, word, doc) sum->field == 0 &&
	return
#include "latency_figures.h"
		true;
}

/* Runs a statement again and again. */
static bool run_again(struct history_db *db, struct sqlite3_stmt *s,
		      struct latency_error *error)
{
	bool failed = false;

	history_next(db, s, &failed, error);
	sqlite3_reset(s);
	return !failed;
}

static bool add_step(struct history_db *db, uint64_t begin_ns, uint64_t end_ns,
		     sqlite3_int64 *step, struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(
		db, "INSERT INTO file_step (begin_ns, end_ns) VALUES (?, ?)",
		error);

	if (s == NULL) {
		return false;
	}
	sqlite3_bind_int64(s, 1, (sqlite3_int64)begin_ns);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)end_ns);
	if (!history_finish(db, s, error)) {
		return false;
	}
	*step = sqlite3_last_insert_rowid(db->sql);
	return true;
}

/* Numbers are given to keys when there is something of them. */
static bool number_key(struct history_db *db, const struct hot_group *group,
		       struct rest *rest, struct latency_error *error)
{
	struct latency_slot_key key;

	if (rest->key != 0) {
		return true;
	}
	memset(&key, 0, sizeof(key));
	snprintf(key.share, sizeof(key.share), "%s", group->share);
	snprintf(key.user, sizeof(key.user), "%s", group->user);
	snprintf(key.client, sizeof(key.client), "%s", group->client);
	rest->key = history_key_number(db, &key, error);
	return rest->key != 0;
}

/* They are sorted: those that come first are stored, the others added up. */
static bool store_files(struct history_db *db, sqlite3_int64 step,
			const struct hot_files *files, struct rest *rest,
			struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(
		db, "INSERT INTO file VALUES (?, ?, ?, ?, ?"
#define FIGURE(NAME, field, word, doc) ", ?, ?"
#include "latency_figures.h"
		")", error);
	bool ok = s != NULL;
	unsigned i;

	for (i = 0; ok && i < files->count; i++) {
		const struct hot_file *file = &files->file[i];
		struct rest *r = &rest[file->group];
		struct latency_file_sum most = file->sum;

		if (i >= HISTORY_FILES && r->files >= HISTORY_FILES_OF_KEY) {
			hot_sum_add(&most, &file->missed);
			raise_to(&r->most, &most);
			continue;
		}
		r->files++;
		hot_sum_add(&r->stored, &file->sum);
		ok = number_key(db, &files->groups[file->group], r, error);
		sqlite3_bind_int64(s, 1, step);
		sqlite3_bind_int64(s, 2, r->key);
		history_bind_name(s, 3, file->path);
		sqlite3_bind_int(s, 4, file->cut);
		sqlite3_bind_int64(s, 5, file->cut ?
				   (sqlite3_int64)file->hash : 0);
		bind_sum(s, 6, &file->sum);
		bind_sum(s, 6 + FIGURES, &file->missed);
		ok = ok && run_again(db, s, error);
	}
	sqlite3_finalize(s);
	return ok;
}

static bool store_rest(struct history_db *db, sqlite3_int64 step,
		       const struct hot_files *files, struct rest *rest,
		       struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(
		db, "INSERT INTO file_rest VALUES (?, ?"
#define FIGURE(NAME, field, word, doc) ", ?, ?, ?"
#include "latency_figures.h"
		")", error);
	bool ok = s != NULL;
	unsigned i;

	for (i = 0; ok && i < files->group_count; i++) {
		const struct hot_group *group = &files->groups[i];
		struct latency_file_sum others = group->all;
		struct rest *r = &rest[i];

		hot_sum_subtract(&others, &r->stored);
		/* All that was not listed, or not in the end, may be of one. */
		raise_to(&r->most, &group->dropped);
		hot_sum_limit(&r->most, &others);
		if (r->files == 0 && is_nothing(&others) &&
		    is_nothing(&group->unknown)) {
			continue;
		}
		ok = number_key(db, group, r, error);
		sqlite3_bind_int64(s, 1, step);
		sqlite3_bind_int64(s, 2, r->key);
		bind_sum(s, 3, &others);
		bind_sum(s, 3 + FIGURES, &r->most);
		bind_sum(s, 3 + 2 * FIGURES, &group->unknown);
		ok = ok && run_again(db, s, error);
	}
	sqlite3_finalize(s);
	return ok;
}

static bool forget(struct history_db *db, uint64_t old_ns,
		   struct latency_error *error)
{
	static const char *const texts[] = {
#define OLD "(SELECT id FROM file_step WHERE end_ns < ?1)"
		"DELETE FROM file WHERE step IN " OLD,
		"DELETE FROM file_rest WHERE step IN " OLD,
		"DELETE FROM file_step WHERE end_ns < ?1",
#undef OLD
	};
	unsigned i;

	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct sqlite3_stmt *s = history_prepare(db, texts[i], error);

		if (s == NULL) {
			return false;
		}
		sqlite3_bind_int64(s, 1, (sqlite3_int64)old_ns);
		if (!history_finish(db, s, error)) {
			return false;
		}
	}
	return true;
}

bool history_files_store(struct history_db *db, uint64_t begin_ns,
			 uint64_t end_ns, struct hot_files *files,
			 uint64_t old_ns, struct latency_error *error)
{
	struct rest *rest = calloc(files->group_count + 1, sizeof(*rest));
	sqlite3_int64 step;
	bool ok;

	if (rest == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	hot_files_sort(files, HOT_TIME);
	ok = history_run(db, "BEGIN IMMEDIATE", error) &&
		add_step(db, begin_ns, end_ns, &step, error) &&
		store_files(db, step, files, rest, error) &&
		store_rest(db, step, files, rest, error) &&
		forget(db, old_ns, error) && history_run(db, "COMMIT", error);
	if (!ok) {
		/* It may have been rolled back already. */
		sqlite3_exec(db->sql, "ROLLBACK", NULL, NULL, NULL);
	}
	free(rest);
	return ok;
}
