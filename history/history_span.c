/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "history_counts.h"
#include "history_image.h"
#include "history_span.h"

#define LEVELS_MAX 16u

/* ------------------------------- choosing -------------------------------- */

struct choice {
	struct history_db *db;
	uint64_t from_ns;
	uint64_t to_ns;
	struct history_interval *intervals;
	unsigned count;
	struct history_interval nearest; /* of what was left out */
	uint64_t nearest_ns;		/* how much of it is inside */
	struct latency_error *error;
};

/* How much of an interval is inside, ns. */
static uint64_t inside(const struct choice *c, const struct history_interval *i)
{
	uint64_t begin = i->begin_ns > c->from_ns ? i->begin_ns : c->from_ns;
	uint64_t end = i->end_ns < c->to_ns ? i->end_ns : c->to_ns;

	return end > begin ? end - begin : 0;
}

static bool choose(struct choice *c, const struct history_interval *i)
{
	struct history_interval *more =
		realloc(c->intervals, (c->count + 1) * sizeof(*more));

	if (more == NULL) {
		error_set(c->error, "out of memory");
		return false;
	}
	c->intervals = more;
	more[c->count++] = *i;
	return true;
}

static bool choose_below(struct choice *c, int64_t parent, unsigned depth,
			 bool *any);

/* Takes an interval, or what it sums up, or leaves it out. */
static bool consider(struct choice *c, const struct history_interval *i,
		     unsigned depth)
{
	uint64_t length = i->end_ns - i->begin_ns;
	uint64_t middle = i->begin_ns + length / 2;
	uint64_t part = inside(c, i);
	bool any = false;

	if (part < length && i->level > 0 && depth < LEVELS_MAX) {
		if (!choose_below(c, i->id, depth + 1, &any)) {
			return false;
		}
		if (any) {
			return true;
		}
	}
	if (middle >= c->from_ns && middle < c->to_ns) {
		return choose(c, i);
	}
	if (part > c->nearest_ns) {
		c->nearest = *i;
		c->nearest_ns = part;
	}
	return true;
}

/* Considers what an interval sums up; 0: what none does. */
static bool choose_below(struct choice *c, int64_t parent, unsigned depth,
			 bool *any)
{
	const int64_t parameters[] = {
		parent, (int64_t)c->from_ns, (int64_t)c->to_ns
	};
	struct history_interval *all;
	unsigned i, count;
	bool ok;

	/* Without a limit on the left if there are any at all. */
	ok = history_intervals(c->db, "parent = ?1 AND (?1 != 0 OR (end_ns > ?2"
			       " AND begin_ns < ?3)) ORDER BY id", parameters,
			       3, &all, &count, c->error);
	if (!ok) {
		return false;
	}
	*any = count != 0;
	for (i = 0; ok && i < count; i++) {
		ok = all[i].end_ns <= c->from_ns ||
			all[i].begin_ns >= c->to_ns ||
			consider(c, &all[i], depth);
	}
	free(all);
	return ok;
}

/* ------------------------------- snapshot -------------------------------- */

struct making {
	struct history_db *db;
	const struct history_paths *paths;
	const struct segment_identity *identity;
	struct history_image image;
	struct snapshot *snapshot;
};

/* Ends an image that is full and begins another, with the same slot. */
static bool next_image(struct making *m, const struct latency_slot_key *key,
		       struct latency_error *error)
{
	if (!history_image_end(&m->image, m->snapshot, error)) {
		return false;
	}
	if (!history_image_begin(&m->image, m->paths, m->identity, error)) {
		return false;
	}
	if (!history_image_slot(&m->image, key, true)) {
		error_set(error, "out of memory");
		return false;
	}
	return true;
}

static bool add_key(void *private_data, uint32_t number,
		    uint64_t tree_connects, struct path_sums *sums,
		    struct latency_error *error)
{
	struct making *m = private_data;
	struct latency_slot_key key;
	uint32_t i;

	if (!history_key(m->db, number, &key, error)) {
		return false;
	}
	/* It comes once: apart from others, which need not be looked at. */
	if (!history_image_slot(&m->image, &key, true) &&
	    !next_image(m, &key, error)) {
		return false;
	}
	m->image.slot->slot->tree_connects = tree_connects;
	m->image.slot->slot->connected = 0;
	for (i = 0; i < sums->count; i++) {
		uint32_t path = sums->used[i];

		if (history_image_add(&m->image, path, sums->sum[path])) {
			continue;
		}
		if (!next_image(m, &key, error)) {
			return false;
		}
		m->image.slot->slot->tree_connects = 0;
		m->image.slot->slot->connected = 0;
		if (!history_image_add(&m->image, path, sums->sum[path])) {
			error_set(error, "out of memory");
			return false;
		}
	}
	return true;
}

static void set_header(struct latency_header *h,
		       const struct history_interval *sum)
{
	h->processes = sum->departed;
	h->unmeasured = sum->unmeasured;
	h->unmeasured_trees = sum->unmeasured_trees;
	h->time.phase = LATENCY_PHASE_ENDED;
	h->time.turns = sum->time.turns;
	h->time.waits = sum->time.waits;
#define WALL_PART(name, label, brief, doc) \
	h->time.name##_ns = sum->time.name##_ns;
#define WALL_CPU(name, label, mode, doc) \
	h->time.name##_ns = sum->time.name##_ns;
#define WALL_WORK(name, label, state, doc) \
	h->work.name##_ns = sum->time.name##_ns;
#define WALL_COUNT(name, label, doc) \
	h->work.name = (__typeof__(h->work.name))sum->time.name;
#include "latency_wall.h"
}

struct snapshot *history_snapshot(struct history_db *db,
				  const struct history_paths *paths,
				  const struct history_interval *intervals,
				  unsigned count, struct latency_error *error)
{
	struct history_interval sum = { .begin_ns = 0 };
	struct segment_identity identity = {
		.kind = LATENCY_KIND_DEPARTED,
	};
	struct making m = {
		.db = db, .paths = paths, .identity = &identity,
	};
	unsigned i;
	bool ok;

	for (i = 0; i < count; i++) {
		history_interval_sum(&sum, &intervals[i]);
	}
	identity.start_realtime_ns = sum.begin_ns;
	identity.samba_version = sum.samba_version;
	m.snapshot = calloc(1, sizeof(*m.snapshot));
	if (m.snapshot == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	m.snapshot->taken_realtime_ns = sum.end_ns;
	m.snapshot->taken_monotonic_ns = sum.running_ns;
	if (!history_image_begin(&m.image, paths, &identity, error)) {
		snapshot_free(m.snapshot);
		return NULL;
	}
	set_header(m.image.w->header, &sum);
	ok = history_counts_visit(db, paths, intervals, count, add_key, &m,
				  error);
	if (ok) {
		ok = history_image_end(&m.image, m.snapshot, error);
	} else if (m.image.w != NULL) {
		history_image_drop(&m.image);
	}
	if (!ok) {
		snapshot_free(m.snapshot);
		return NULL;
	}
	return m.snapshot;
}

/* --------------------------------- spans --------------------------------- */

static bool make(struct history_db *db, const struct choice *c,
		 struct history_span *span, struct latency_error *error)
{
	struct history_paths paths;
	unsigned i;

	for (i = 0; i < c->count; i++) {
		history_interval_sum(&span->sum, &c->intervals[i]);
	}
	span->intervals = c->count;
	if (history_paths_read(db, &paths, error)) {
		span->later = history_snapshot(db, &paths, c->intervals,
					       c->count, error);
	}
	history_paths_free(&paths);
	if (span->later == NULL) {
		return false;
	}
	span->earlier = calloc(1, sizeof(*span->earlier));
	if (span->earlier == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	span->earlier->taken_realtime_ns = span->sum.begin_ns;
	return true;
}

bool history_span_read(struct history_db *db, uint64_t from_ns, uint64_t to_ns,
		       bool nearest, struct history_span *span,
		       struct latency_error *error)
{
	struct choice c = {
		.db = db, .from_ns = from_ns, .to_ns = to_ns, .error = error,
	};
	bool any, ok;

	memset(span, 0, sizeof(*span));
	ok = choose_below(&c, 0, 0, &any);
	if (ok && nearest && c.count == 0 && c.nearest_ns != 0) {
		ok = choose(&c, &c.nearest);
	}
	ok = ok && (c.count == 0 || make(db, &c, span, error));
	free(c.intervals);
	if (!ok) {
		history_span_free(span);
	}
	return ok;
}

void history_span_end(const struct history_span *span,
		      struct coverage *coverage)
{
	coverage->processes = (unsigned)span->sum.processes;
	coverage->connected = (unsigned)span->sum.connected;
}

void history_span_free(struct history_span *span)
{
	snapshot_free(span->earlier);
	snapshot_free(span->later);
	span->earlier = span->later = NULL;
}

bool history_extent(struct history_db *db, uint64_t *begin_ns,
		    uint64_t *end_ns, struct latency_error *error)
{
	struct sqlite3_stmt *s;
	bool failed = false;

	*begin_ns = *end_ns = 0;
	s = history_prepare(db, "SELECT min(begin_ns), max(end_ns) FROM "
			    "interval", error);
	if (s == NULL) {
		return false;
	}
	if (history_next(db, s, &failed, error)) {
		*begin_ns = (uint64_t)sqlite3_column_int64(s, 0);
		*end_ns = (uint64_t)sqlite3_column_int64(s, 1);
	}
	sqlite3_finalize(s);
	return !failed;
}

/* -------------------------------- middles -------------------------------- */

bool history_middles_begin(struct history_middles *middles,
			   struct history_db *db, struct latency_error *error)
{
	middles->db = db;
	middles->ns = 0;
	/* As consider() has it. */
	middles->rows = history_prepare(
		db, "SELECT begin_ns + (end_ns - begin_ns) / 2 AS middle "
		"FROM interval WHERE middle >= 0 ORDER BY middle", error);
	return middles->rows != NULL;
}

bool history_middles_skip(struct history_middles *middles, uint64_t from_ns,
			  struct latency_error *error)
{
	bool failed = false;

	while (middles->ns < from_ns) {
		if (!history_next(middles->db, middles->rows, &failed, error)) {
			middles->ns = UINT64_MAX;
			return !failed;
		}
		middles->ns = (uint64_t)sqlite3_column_int64(middles->rows, 0);
	}
	return true;
}

void history_middles_end(struct history_middles *middles)
{
	sqlite3_finalize(middles->rows);
	middles->rows = NULL;
}
