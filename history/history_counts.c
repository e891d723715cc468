/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "history_counts.h"

/* --------------------------------- reading -------------------------------- */

/* The ids of rows, those of the same keys together. */
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

/* Which keys a row is of: those from that number * COUNTS_KEYS on. */
static uint32_t keys_of(int64_t id)
{
	return (uint32_t)id & (HISTORY_ROWS - 1);
}

static int compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	if (keys_of(x) != keys_of(y)) {
		return keys_of(x) < keys_of(y) ? -1 : 1;
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

	s = history_prepare(db,
			    "SELECT id FROM counts WHERE id >= ? AND id < "
			    "?",
			    error);
	if (s == NULL) {
		return false;
	}
	for (i = 0; i < count && !failed; i++) {
		int64_t first = intervals[i].id * (int64_t)HISTORY_ROWS;

		sqlite3_bind_int64(s, 1, first);
		sqlite3_bind_int64(s, 2, first + (int64_t)HISTORY_ROWS);
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
		    struct sqlite3_stmt *s, int64_t id,
		    struct counts_sums *sums, struct latency_error *error)
{
	bool failed = false;

	sqlite3_bind_int64(s, 1, id);
	if (!history_next(db, s, &failed, error)) {
		/* It is gone: history_forget() was quicker. */
		sqlite3_reset(s);
		return !failed;
	}
	failed = !counts_unpack(sums, sqlite3_column_blob(s, 0),
				(size_t)sqlite3_column_bytes(s, 0),
				paths->count);
	sqlite3_reset(s);
	if (failed) {
		error_set(error, "%s is damaged: counts %lld make no sense",
			  db->name, (long long)id);
	}
	return !failed;
}

/* Shows what was summed up of each key, and forgets it. */
static bool show(struct counts_sums *sums, uint32_t first,
		 history_counts_visitor visitor, void *private_data,
		 struct latency_error *error)
{
	unsigned i;

	for (i = 0; i < COUNTS_KEYS; i++) {
		if (!sums->used[i]) {
			continue;
		}
		if (!visitor(private_data, first + i, sums->tree_connects[i],
			     &sums->sums[i], error))
		{
			return false;
		}
		path_sums_clear(&sums->sums[i]);
		sums->used[i] = false;
		sums->tree_connects[i] = 0;
	}
	return true;
}

static bool visit_rows(struct history_db *db, const struct history_paths *paths,
		       const struct ids *ids, struct counts_sums *sums,
		       history_counts_visitor visitor, void *private_data,
		       struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(
		db, "SELECT nodes FROM counts WHERE id = ?", error);
	bool ok = s != NULL;
	unsigned i;

	for (i = 0; ok && i < ids->count; i++) {
		uint32_t keys = keys_of(ids->id[i]);

		ok = add_row(db, paths, s, ids->id[i], sums, error);
		if (ok &&
		    (i + 1 == ids->count || keys_of(ids->id[i + 1]) != keys)) {
			ok = show(sums, keys * COUNTS_KEYS, visitor,
				  private_data, error);
		}
	}
	sqlite3_finalize(s);
	return ok;
}

bool history_counts_visit(struct history_db *db,
			  const struct history_paths *paths,
			  const struct history_interval *intervals,
			  unsigned count, history_counts_visitor visitor,
			  void *private_data, struct latency_error *error)
{
	struct counts_sums *sums = calloc(1, sizeof(*sums));
	struct ids ids = { .id = NULL };
	unsigned i;
	bool ok;

	if (sums == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	ok = find_rows(db, intervals, count, &ids, error) &&
	     visit_rows(db, paths, &ids, sums, visitor, private_data, error);
	for (i = 0; i < COUNTS_KEYS; i++) {
		path_sums_free(&sums->sums[i]);
	}
	free(sums);
	free(ids.id);
	return ok;
}

/* --------------------------------- writing -------------------------------- */

bool history_counts_add(struct history_counts *counts, uint32_t key,
			uint64_t tree_connects, struct path_sums *sums,
			struct latency_error *error)
{
	struct counts_key *k;

	if (counts->count == counts->room) {
		unsigned room = counts->room * 2 + 64;

		k = realloc(counts->keys, room * sizeof(*k));
		if (k == NULL) {
			error_set(error, "out of memory");
			return false;
		}
		counts->keys = k;
		counts->room = room;
	}
	k = &counts->keys[counts->count++];
	memset(k, 0, sizeof(*k));
	k->key = key;
	k->tree_connects = tree_connects;
	if (!path_sums_pack(sums, &k->nodes)) {
		error_set(error, "out of memory");
		return false;
	}
	return true;
}

static bool insert(struct history_db *db, int64_t id,
		   const struct counters_bytes *bytes,
		   struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(
		db, "INSERT INTO counts (id, nodes) VALUES (?, ?)", error);

	if (s == NULL) {
		return false;
	}
	sqlite3_bind_int64(s, 1, id);
	sqlite3_bind_blob(s, 2, bytes->data, (int)bytes->size, SQLITE_STATIC);
	return history_finish(db, s, error);
}

static bool set_bytes(struct history_db *db, int64_t interval, uint64_t size,
		      struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(
		db, "UPDATE interval SET bytes = ? WHERE id = ?", error);

	if (s == NULL) {
		return false;
	}
	sqlite3_bind_int64(s, 1, (sqlite3_int64)size);
	sqlite3_bind_int64(s, 2, interval);
	return history_finish(db, s, error);
}

static int compare_keys(const void *a, const void *b)
{
	const struct counts_key *x = a, *y = b;

	return x->key < y->key ? -1 : x->key > y->key;
}

/* Stores the keys from one on; *end is the first of the next row. */
static bool store_row(const struct history_counts *counts,
		      struct history_db *db, int64_t interval, unsigned first,
		      unsigned *end, uint64_t *size,
		      struct latency_error *error)
{
	const struct counts_key *keys = counts->keys;
	uint32_t row = keys[first].key / COUNTS_KEYS;
	struct counters_bytes bytes = { .data = NULL };
	bool ok;

	for (*end = first + 1;
	     *end < counts->count && keys[*end].key / COUNTS_KEYS == row;
	     (*end)++)
	{
	}
	ok = counts_pack(&keys[first], *end - first, &bytes);
	if (!ok) {
		error_set(error, "out of memory");
	}
	ok = ok &&
	     insert(db, interval * (int64_t)HISTORY_ROWS + row, &bytes, error);
	*size += bytes.size;
	free(bytes.data);
	return ok;
}

bool history_counts_store(struct history_counts *counts, struct history_db *db,
			  int64_t interval, struct latency_error *error)
{
	unsigned first, end;
	uint64_t size = 0;

	if (counts->count != 0) {
		qsort(counts->keys, counts->count, sizeof(*counts->keys),
		      compare_keys);
	}
	for (first = 0; first < counts->count; first = end) {
		if (!store_row(counts, db, interval, first, &end, &size, error))
		{
			return false;
		}
	}
	return set_bytes(db, interval, size, error);
}

void history_counts_free(struct history_counts *counts)
{
	unsigned i;

	for (i = 0; i < counts->count; i++) {
		free(counts->keys[i].nodes.data);
	}
	free(counts->keys);
	memset(counts, 0, sizeof(*counts));
}
