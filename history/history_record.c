/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "coverage.h"
#include "history_counts.h"
#include "history_delta.h"
#include "history_record.h"
#include "history_roll.h"
#include "history_slow.h"
#include "history_span.h"
#include "history_state.h"
#include "history_thin.h"
#include "subtract.h"
#include "time_ns.h"

/* How often the state is written: it takes as much as some intervals do. */
#define SAVE_NS ((uint64_t)300 * NS_PER_S)

/* How long all clients are apart in intervals as recorded. */
#define THIN_NS ((uint64_t)3600 * NS_PER_S)

/* -------------------------------- opening -------------------------------- */

static bool load_recorded(struct history_recorder *r,
			  struct latency_error *error)
{
	struct history_interval *intervals;
	unsigned count;

	if (!history_intervals(&r->db, "level = 0 AND id > ? ORDER BY id",
			       &r->state, 1, &intervals, &count, error)) {
		return false;
	}
	if (count != 0) {
		r->recorded = history_snapshot(&r->db, &r->paths, intervals,
					       count, error);
	}
	if (count != 0 && r->recorded != NULL) {
		r->last_ns = intervals[count - 1].end_ns;
	}
	free(intervals);
	return count == 0 || r->recorded != NULL;
}

static bool load(struct history_recorder *r, struct latency_error *error)
{
	if (!history_paths_read(&r->db, &r->paths, error) ||
	    !history_state_load(&r->db, &r->paths, &r->last, &r->state,
				error)) {
		return false;
	}
	if (r->last == NULL) {
		return true;
	}
	r->last_ns = r->saved_ns = r->last->taken_realtime_ns;
	return load_recorded(r, error);
}

static void release(struct history_recorder *r)
{
	snapshot_free(r->last);
	snapshot_free(r->recorded);
	history_paths_free(&r->paths);
	history_db_close(&r->db);
}

bool history_record_open(struct history_recorder *r, const char *name,
			 const struct history_keep *keep,
			 struct latency_error *error)
{
	memset(r, 0, sizeof(*r));
	r->keep = *keep;
	if (!history_db_create(&r->db, name, error)) {
		return false;
	}
	if (!history_keep_store(&r->db, keep, error) || !load(r, error)) {
		release(r);
		return false;
	}
	return true;
}

/* ------------------------------- intervals ------------------------------- */

/* What of a snapshot has no key. */
static void totals(const struct snapshot *s, struct history_interval *i)
{
	const struct filter all = { .pid = 0 };
	struct coverage c;
	unsigned n;

	memset(i, 0, sizeof(*i));
	coverage_init(&c);
	for (n = 0; s != NULL && n < s->image_count; n++) {
		coverage_add(&c, &s->images[n], &all);
	}
	i->processes = c.processes;
	i->connected = c.connected;
	i->departed = c.departed;
	i->unmeasured = c.unmeasured;
	i->unmeasured_trees = c.unmeasured_trees;
	memcpy(i->samba_version, c.samba_version, sizeof(i->samba_version));
	if (s != NULL) {
		snapshot_wall_time(s, &all, OPEN_KNOWN, &i->time);
	}
}

static void subtract_totals(struct history_interval *i,
			    const struct snapshot *s)
{
	struct history_interval before;

	totals(s, &before);
	subtract_from(&i->departed, before.departed);
	subtract_from(&i->unmeasured, before.unmeasured);
	subtract_from(&i->unmeasured_trees, before.unmeasured_trees);
	wall_time_subtract(&i->time, &before.time);
}

/*
 * When the interval began: where the last one ended. By a clock that was set
 * back since it began as long before its end as it is long, if that is known;
 * so a time may be in two intervals.
 */
static void set_times(const struct history_recorder *r,
		      const struct snapshot *now, struct history_interval *i)
{
	uint64_t last_mono = r->last->taken_monotonic_ns;

	i->end_ns = now->taken_realtime_ns;
	i->begin_ns = r->last_ns;
	if (last_mono != 0) {
		i->running_ns = now->taken_monotonic_ns - last_mono;
	} else if (i->end_ns > i->begin_ns) {
		i->running_ns = i->end_ns - i->begin_ns;
	}
	if (i->begin_ns >= i->end_ns) {
		i->begin_ns = i->end_ns - (i->running_ns != 0 ? i->running_ns :
					   1);
	}
}

static bool add_key(void *private_data, uint32_t key, uint64_t tree_connects,
		    struct path_sums *sums, struct latency_error *error)
{
	return history_counts_add(private_data, key, tree_connects, sums,
				  error);
}

/* Takes out the intervals after the state: `recorded` cannot be used. */
static bool forget_recorded(struct history_recorder *r,
			    struct latency_error *error)
{
	return history_run_with(
		&r->db, "DELETE FROM counts WHERE id >= (?1 + 1) << 16 AND "
		"id >> 16 IN (SELECT id FROM interval WHERE level = 0 AND "
		"id > ?1)", r->state, error) &&
		history_run_with(
			&r->db, "DELETE FROM interval WHERE level = 0 AND "
			"id > ?1", r->state, error);
}

/* Adds the interval from the last one to now. */
static bool add_interval(struct history_recorder *r, struct snapshot *now,
			 const struct snapshot *recorded, bool *gone_back,
			 struct history_interval *interval,
			 struct latency_error *error)
{
	struct history_counts counts = { .keys = NULL };
	bool ok;

	totals(now, interval);
	subtract_totals(interval, r->last);
	subtract_totals(interval, recorded);
	set_times(r, now, interval);
	ok = history_interval_add(&r->db, interval, error) &&
		history_delta(&r->db, &r->paths, now, r->last, recorded,
			      add_key, &counts, gone_back, error) &&
		history_counts_store(&counts, &r->db, interval->id, error);
	history_counts_free(&counts);
	return ok;
}

static bool add_with_recorded(struct history_recorder *r, struct snapshot *now,
			      struct history_interval *interval,
			      struct latency_error *error)
{
	bool gone_back = false, removed;

	if (!history_relate(r->last, now, &removed)) {
		error_set(error, "out of memory");
		return false;
	}
	/* After a reboot all counters may have begun anew. */
	if (r->recorded == NULL || (removed && r->last->image_count == 0)) {
		return add_interval(r, now, NULL, &gone_back, interval, error);
	}
	if (!history_run(&r->db, "SAVEPOINT first", error) ||
	    !add_interval(r, now, r->recorded, &gone_back, interval, error)) {
		return false;
	}
	if (!gone_back || removed) {
		return history_run(&r->db, "RELEASE first", error);
	}
	r->last_ns = r->last->taken_realtime_ns;
	return history_run(&r->db, "ROLLBACK TO first; RELEASE first", error) &&
		history_paths_again(&r->db, &r->paths, error) &&
		forget_recorded(r, error) &&
		add_interval(r, now, NULL, &gone_back, interval, error);
}

/* ------------------------------ transactions ----------------------------- */

/* The snapshot is what is recorded now. */
static void take_over(struct history_recorder *r, struct snapshot *now)
{
	snapshot_free(r->recorded);
	snapshot_free(r->last);
	r->recorded = NULL;
	r->last = now;
	r->last_ns = now->taken_realtime_ns;
}

static bool is_due(const struct history_recorder *r,
		   const struct snapshot *now)
{
	/* Also if the clock was set back. */
	return r->recorded != NULL ||
		now->taken_realtime_ns - r->saved_ns >= SAVE_NS;
}

static bool save(struct history_recorder *r, const struct snapshot *now,
		 int64_t interval, struct latency_error *error)
{
	return history_state_save(&r->db, &r->paths, now, interval, error);
}

/* In a transaction. *saved: the state was written. */
static bool write(struct history_recorder *r, struct snapshot *now,
		  const struct slow_op_list *slow, int64_t *interval,
		  bool *saved, struct latency_error *error)
{
	struct history_interval i = { .id = 0 };
	bool rolled;

	*saved = r->last == NULL || is_due(r, now);
	if (r->last != NULL && !add_with_recorded(r, now, &i, error)) {
		return false;
	}
	*interval = i.id;
	if (!history_roll(&r->db, &r->paths, &r->keep, &rolled, error) ||
	    (rolled && !history_forget(&r->db, &r->keep,
				       now->taken_realtime_ns, error)) ||
	    !history_thin(&r->db, &r->paths, now->taken_realtime_ns - THIN_NS,
			  error)) {
		return false;
	}
	/* What is summed up is not taken back any more. */
	*saved |= rolled;
	return history_slow_add(&r->db, slow, error) &&
		(!*saved || save(r, now, i.id, error));
}

static enum history_recorded failure(const struct history_recorder *r)
{
	switch (sqlite3_errcode(r->db.sql) & 0xff) {
	case SQLITE_CORRUPT:
	case SQLITE_NOTADB:
		return RECORD_BROKEN;
	default:
		return RECORD_FAILED;
	}
}

enum history_recorded history_record(struct history_recorder *r,
				     struct snapshot *now,
				     const struct slow_op_list *slow,
				     struct latency_error *error)
{
	const uint64_t last_ns = r->last_ns;
	const bool begun = r->last == NULL;
	int64_t interval;
	struct latency_error ignored;
	bool saved;

	if (!history_run(&r->db, "BEGIN IMMEDIATE", error)) {
		snapshot_free(now);
		return failure(r);
	}
	if (!write(r, now, slow, &interval, &saved, error) ||
	    !history_run(&r->db, "COMMIT", error)) {
		enum history_recorded failed = failure(r);

		/* It may have been rolled back already. */
		sqlite3_exec(r->db.sql, "ROLLBACK", NULL, NULL, NULL);
		history_paths_again(&r->db, &r->paths, &ignored);
		r->last_ns = last_ns;
		snapshot_free(now);
		return failed;
	}
	take_over(r, now);
	if (saved) {
		r->state = interval;
		r->saved_ns = now->taken_realtime_ns;
	}
	return begun ? RECORD_BEGUN : RECORD_ADDED;
}

/* The latest interval; 0 if there is none. */
static bool latest(struct history_recorder *r, int64_t *interval,
		   struct latency_error *error)
{
	struct sqlite3_stmt *s;
	bool failed = false;

	*interval = 0;
	s = history_prepare(&r->db, "SELECT max(id) FROM interval WHERE "
			    "level = 0", error);
	if (s == NULL) {
		return false;
	}
	if (history_next(&r->db, s, &failed, error)) {
		*interval = sqlite3_column_int64(s, 0);
	}
	sqlite3_finalize(s);
	return !failed;
}

bool history_record_close(struct history_recorder *r,
			  struct latency_error *error)
{
	int64_t interval;
	bool ok = true;

	/* With `recorded`, `last` is not what is recorded. */
	if (r->last != NULL && r->recorded == NULL) {
		ok = history_run(&r->db, "BEGIN IMMEDIATE", error) &&
			latest(r, &interval, error) &&
			save(r, r->last, interval, error) &&
			history_run(&r->db, "COMMIT", error);
	}
	release(r);
	return ok;
}
