/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdlib.h>

#include "history_counts.h"
#include "history_roll.h"
#include "history_totals.h"

/* -------------------------------- summing -------------------------------- */

struct rolling {
	struct history_db *db;
	const struct history_paths *paths;
	struct history_counts counts;	/* of the interval that sums up */
};

static bool add_key(void *private_data, uint32_t key, uint64_t tree_connects,
		    struct path_sums *sums, struct latency_error *error)
{
	struct rolling *r = private_data;

	return history_counts_add(&r->counts, key, tree_connects, sums, error);
}

static bool set_parent(struct history_db *db,
		       const struct history_interval *intervals, unsigned count,
		       int64_t parent, struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(
		db, "UPDATE interval SET parent = ? WHERE id = ?", error);
	bool failed = s == NULL;
	unsigned i;

	for (i = 0; i < count && !failed; i++) {
		sqlite3_bind_int64(s, 1, parent);
		sqlite3_bind_int64(s, 2, intervals[i].id);
		history_next(db, s, &failed, error);
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	return !failed;
}

static bool sum_up(struct rolling *r, const struct history_interval *intervals,
		   unsigned count, struct latency_error *error)
{
	struct history_interval sum = { .level = intervals[0].level + 1 };
	unsigned i;
	bool ok;

	for (i = 0; i < count; i++) {
		history_interval_sum(&sum, &intervals[i]);
	}
	if (!history_interval_add(r->db, &sum, error)) {
		return false;
	}
	ok = history_counts_visit(r->db, r->paths, intervals, count, add_key,
				  r, error) &&
		history_counts_store(&r->counts, r->db, sum.id, error) &&
		history_totals_store(r->db, r->paths, &r->counts, sum.id,
				     error) &&
		set_parent(r->db, intervals, count, sum.id, error);
	history_counts_free(&r->counts);
	return ok;
}

/* Which step of a level an interval is in, by its middle. */
static uint64_t step_of(const struct history_interval *i, uint64_t step_ns)
{
	return (i->begin_ns + (i->end_ns - i->begin_ns) / 2) / step_ns;
}

/* Sums up the intervals of a level, but those of the latest step. */
static bool roll_level(struct rolling *r, unsigned level, uint64_t step_ns,
		       bool *rolled, struct latency_error *error)
{
	const int64_t parameters[] = { level };
	struct history_interval *all;
	unsigned first, end, count;
	bool ok;

	if (!history_intervals(r->db, "parent = 0 AND level = ? ORDER BY id",
			       parameters, 1, &all, &count, error)) {
		return false;
	}
	ok = true;
	for (first = 0; ok && first < count; first = end) {
		uint64_t step = step_of(&all[first], step_ns);

		for (end = first + 1; end < count &&
		     step_of(&all[end], step_ns) == step; end++) {
		}
		if (end == count) {
			break;
		}
		ok = sum_up(r, &all[first], end - first, error);
		*rolled = true;
	}
	free(all);
	return ok;
}

bool history_roll(struct history_db *db, const struct history_paths *paths,
		  const struct history_keep *keep, bool *rolled,
		  struct latency_error *error)
{
	struct rolling r = { .db = db, .paths = paths };
	unsigned level;

	*rolled = false;
	for (level = 0; level + 1 < keep->count; level++) {
		if (!roll_level(&r, level, keep->level[level + 1].step_ns,
				rolled, error)) {
			return false;
		}
	}
	return true;
}

/* ------------------------------- forgetting ------------------------------ */

#define SLOW_OPS_MAX "200000"

/* Runs a statement that knows a level and what time is too old. */
static bool forget(struct history_db *db, const char *text, unsigned level,
		   bool last, int64_t old_ns, struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(db, text, error);

	if (s == NULL) {
		return false;
	}
	sqlite3_bind_int64(s, 1, level);
	sqlite3_bind_int(s, 2, last);
	sqlite3_bind_int64(s, 3, old_ns);
	return history_finish(db, s, error);
}

/*
 * When the intervals as recorded begin that are kept: not before old_ns, and no
 * more than `size` bytes of them.
 */
static bool limit_size(struct history_db *db, uint64_t size, int64_t *old_ns,
		       struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(
		db, "SELECT bytes, end_ns FROM interval WHERE level = 0 "
		"ORDER BY id DESC", error);
	bool failed = s == NULL;
	uint64_t sum = 0;

	while (!failed && history_next(db, s, &failed, error)) {
		sum += (uint64_t)sqlite3_column_int64(s, 0);
		if (sum > size) {
			int64_t end_ns = sqlite3_column_int64(s, 1);

			*old_ns = end_ns > *old_ns ? end_ns : *old_ns;
			break;
		}
	}
	sqlite3_finalize(s);
	return !failed;
}

bool history_forget(struct history_db *db, const struct history_keep *keep,
		    uint64_t now_ns, struct latency_error *error)
{
	/*
	 * Of more levels than there are now, those above are as the last. What
	 * one interval sums up goes together: it stands for all or nothing.
	 */
#define OLD "FROM interval AS old WHERE (level = ?1 OR (?2 AND level > ?1)) " \
	"AND (?2 OR parent != 0) AND end_ns < ?3 AND coalesce((SELECT end_ns " \
	"FROM interval WHERE id = old.parent), 0) < ?3"
	static const char *const texts[] = {
		"DELETE FROM counts WHERE id IN (SELECT c.id FROM (SELECT id "
		OLD ") AS i JOIN counts AS c ON c.id >= i.id << 16 AND "
		"c.id < (i.id + 1) << 16)",
		"DELETE FROM total WHERE interval IN (SELECT id " OLD ")",
		"DELETE " OLD,
		"DELETE FROM slow_op WHERE ?2 AND ?1 >= 0 AND (end_ns < ?3 OR "
		"id <= (SELECT max(id) FROM slow_op) - " SLOW_OPS_MAX ")",
	};
#undef OLD
	unsigned level, i;

	for (level = 0; level < keep->count; level++) {
		uint64_t keep_ns = keep->level[level].keep_ns;
		int64_t old_ns = now_ns > keep_ns ?
			(int64_t)(now_ns - keep_ns) : 0;

		if (level == 0 && keep->size != 0 &&
		    !limit_size(db, keep->size, &old_ns, error)) {
			return false;
		}
		for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
			if (!forget(db, texts[i], level,
				    level + 1 == keep->count, old_ns, error)) {
				return false;
			}
		}
	}
	return true;
}
