/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdlib.h>

#include "history_counts.h"

/* The ids of rows, those of a key together. */
struct ids {
	int64_t *id;
	unsigned count;
	unsigned room;
};

static bool append(struct ids *ids, int64_t id)
{
	if (ids->count == ids->room) {
		unsigned room = ids->room * 2 + 256;
		int64_t *more = realloc(ids->id, room * sizeof(*more));

		if (more == NULL) {
			return false;
		}
		ids->id = more;
		ids->room = room;
	}
	ids->id[ids->count++] = id;
	return true;
}

static uint32_t key_of(int64_t id)
{
	return (uint32_t)id & (HISTORY_KEYS - 1);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	if (key_of(x) != key_of(y)) {
		return key_of(x) < key_of(y) ? -1 : 1;
	}
	return x < y ? -1 : x > y;
}

static bool find_rows(struct history_db *db,
		      const struct history_interval *intervals, unsigned count,
		      struct ids *ids, struct latency_error *error)
{
	struct sqlite3_stmt *s;
	bool failed = false;
	unsigned i;

	s = history_prepare(db, "SELECT id FROM counts WHERE id >= ? AND id < "
			    "?", error);
	if (s == NULL) {
		return false;
	}
	for (i = 0; i < count && !failed; i++) {
		int64_t first = intervals[i].id * (int64_t)HISTORY_KEYS;

		sqlite3_bind_int64(s, 1, first);
		sqlite3_bind_int64(s, 2, first + (int64_t)HISTORY_KEYS);
		while (!failed && history_next(db, s, &failed, error)) {
			if (!append(ids, sqlite3_column_int64(s, 0))) {
				error_set(error, "out of memory");
				failed = true;
			}
		}
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	if (ids->count != 0) {
		qsort(ids->id, ids->count, sizeof(*ids->id), compare);
	}
	return !failed;
}

/* Adds the row of the statement. */
static bool add_row(struct history_db *db, const struct history_paths *paths,
		    struct sqlite3_stmt *s, int64_t id, uint64_t *connects,
		    struct path_sums *sums, struct latency_error *error)
{
	bool failed = false;

	sqlite3_bind_int64(s, 1, id);
	if (!history_next(db, s, &failed, error)) {
		/* It is gone: history_forget() was quicker. */
		sqlite3_reset(s);
		return !failed;
	}
	*connects += (uint64_t)sqlite3_column_int64(s, 0);
	failed = !path_sums_unpack(sums, sqlite3_column_blob(s, 1),
				   (size_t)sqlite3_column_bytes(s, 1),
				   paths->count);
	sqlite3_reset(s);
	if (failed) {
		error_set(error, "%s: is damaged: counts %lld make no sense",
			  db->name, (long long)id);
	}
	return !failed;
}

bool history_counts_visit(struct history_db *db,
			  const struct history_paths *paths,
			  const struct history_interval *intervals,
			  unsigned count, history_counts_visitor visitor,
			  void *private_data, struct latency_error *error)
{
	struct ids ids = { .id = NULL };
	struct path_sums sums = { .sum = NULL };
	struct sqlite3_stmt *s = NULL;
	uint64_t connects = 0;
	unsigned i;
	bool ok;

	ok = find_rows(db, intervals, count, &ids, error);
	if (ok) {
		s = history_prepare(db, "SELECT tree_connects, nodes FROM "
				    "counts WHERE id = ?", error);
		ok = s != NULL;
	}
	for (i = 0; ok && i < ids.count; i++) {
		uint32_t key = key_of(ids.id[i]);

		ok = add_row(db, paths, s, ids.id[i], &connects, &sums, error);
		if (ok && (i + 1 == ids.count || key_of(ids.id[i + 1]) !=
			   key)) {
			ok = visitor(private_data, key, connects, &sums,
				     error);
			path_sums_clear(&sums);
			connects = 0;
		}
	}
	sqlite3_finalize(s);
	path_sums_free(&sums);
	free(ids.id);
	return ok;
}

static bool add_bytes(struct history_db *db, int64_t interval, size_t size,
		      struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(
		db, "UPDATE interval SET bytes = bytes + ? WHERE id = ?",
		error);

	if (s == NULL) {
		return false;
	}
	sqlite3_bind_int64(s, 1, (sqlite3_int64)size);
	sqlite3_bind_int64(s, 2, interval);
	return history_finish(db, s, error);
}

bool history_counts_add(struct history_db *db, int64_t interval, uint32_t key,
			uint64_t tree_connects, struct path_sums *sums,
			struct latency_error *error)
{
	struct counters_bytes bytes = { .data = NULL };
	struct sqlite3_stmt *s;
	bool ok;

	if (!path_sums_pack(sums, &bytes)) {
		error_set(error, "out of memory");
		free(bytes.data);
		return false;
	}
	s = history_prepare(db, "INSERT INTO counts (id, tree_connects, nodes)"
			    " VALUES (?, ?, ?)", error);
	if (s == NULL) {
		free(bytes.data);
		return false;
	}
	sqlite3_bind_int64(s, 1, interval * (int64_t)HISTORY_KEYS + key);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)tree_connects);
	sqlite3_bind_blob(s, 3, bytes.size != 0 ? (void *)bytes.data : "",
			  (int)bytes.size, SQLITE_STATIC);
	ok = history_finish(db, s, error) &&
		add_bytes(db, interval, bytes.size, error);
	free(bytes.data);
	return ok;
}
