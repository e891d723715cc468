/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <string.h>

#include "history_totals.h"

struct storing {
	struct history_db *db;
	const struct history_paths *paths;
	int64_t interval;
	struct sqlite3_stmt *add;
	struct latency_error *error;
};

static bool store(const struct storing *s, uint32_t key, uint32_t path,
		  const struct row_sum *sum)
{
	bool failed = false;

	sqlite3_bind_int64(s->add, 1, s->interval);
	sqlite3_bind_int64(s->add, 2, key);
	sqlite3_bind_int64(s->add, 3, path);
	sqlite3_bind_int64(s->add, 4,
			   (sqlite3_int64)(sum->count + sum->untimed));
	sqlite3_bind_int64(s->add, 5, (sqlite3_int64)sum->errors);
	sqlite3_bind_int64(s->add, 6, (sqlite3_int64)sum->total_ns);
	sqlite3_bind_int64(s->add, 7, (sqlite3_int64)sum->bytes);
	history_next(s->db, s->add, &failed, s->error);
	sqlite3_reset(s->add);
	return !failed;
}

/* The key that stands for a share; 0 with *error. */
static uint32_t share_of(const struct storing *s, uint32_t key)
{
	struct latency_slot_key share, whole;

	if (!history_key(s->db, key, &whole, s->error)) {
		return 0;
	}
	memset(&share, 0, sizeof(share));
	memcpy(share.share, whole.share, sizeof(share.share));
	return history_key_number(s->db, &share, s->error);
}

static bool store_key(const struct storing *s, const struct counts_key *key,
		      struct path_sums *sums)
{
	uint32_t share = share_of(s, key->key);
	uint32_t i;

	path_sums_clear(sums);
	if (share == 0) {
		return false;
	}
	if (!path_sums_unpack(sums, key->nodes.data, key->nodes.size,
			      s->paths->count)) {
		error_set(s->error, "out of memory");
		return false;
	}
	for (i = 0; i < sums->count; i++) {
		uint32_t number = sums->used[i];
		const struct history_path *path = history_path(s->paths,
							       number);

		if (!store(s,
			   path->parent == 0 && path->root >= 0 ? key->key
								: share,
			   number, sums->sum[number]))
		{
			return false;
		}
	}
	return true;
}

bool history_totals_store(struct history_db *db,
			  const struct history_paths *paths,
			  const struct history_counts *counts, int64_t interval,
			  struct latency_error *error)
{
	struct storing s = {
		.db = db,
		.paths = paths,
		.interval = interval,
		.error = error,
	};
	struct path_sums sums = { .sum = NULL };
	bool ok;
	unsigned i;

	s.add = history_prepare(
		db,
		"INSERT INTO total (interval, key, path, calls, errors, "
		"total_ns, bytes) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO "
		"UPDATE SET calls = calls + excluded.calls, errors = errors + "
		"excluded.errors, total_ns = total_ns + excluded.total_ns, "
		"bytes = bytes + excluded.bytes",
		error);
	ok = s.add != NULL;
	for (i = 0; ok && i < counts->count; i++) {
		ok = store_key(&s, &counts->keys[i], &sums);
	}
	sqlite3_finalize(s.add);
	path_sums_free(&sums);
	return ok;
}
