/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history_delta.h"
#include "history_image.h"
#include "history_schema.h"
#include "history_state.h"
#include "wall_time.h"

#define COMMA_NAME(name) ", " #name
#define COMMA_MARK(name) ", ?"

/* What is asked for in this order by bind_segment() and load_header(). */
#define SEGMENT_COLUMNS "segment, kind, pid, owned, start_ns, name" \
	HISTORY_SUMS(COMMA_NAME)

static const char segment_columns[] = SEGMENT_COLUMNS
#define WALL_PART(name, label, brief, doc) ", " #name "_ns"
#define WALL_CPU(name, label, mode, doc) ", " #name "_ns"
#define WALL_WORK(name, label, state, doc) ", " #name "_ns"
#include "latency_wall.h"
	;

static const char insert_segment[] = "INSERT INTO state_segment ("
	SEGMENT_COLUMNS
#define WALL_PART(name, label, brief, doc) ", " #name "_ns"
#define WALL_CPU(name, label, mode, doc) ", " #name "_ns"
#define WALL_WORK(name, label, state, doc) ", " #name "_ns"
#include "latency_wall.h"
	") VALUES (?, ?, ?, ?, ?, ?" HISTORY_SUMS(COMMA_MARK)
#define WALL_PART(name, label, brief, doc) ", ?"
#define WALL_CPU(name, label, mode, doc) ", ?"
#define WALL_WORK(name, label, state, doc) ", ?"
#include "latency_wall.h"
	")";

/* -------------------------------- saving --------------------------------- */

static void bind_segment(struct sqlite3_stmt *s, const struct snapshot *all,
			 const struct segment_image *image)
{
	const struct latency_header *h = image->header;
	const struct filter any = { .pid = 0 };
	struct snapshot one = *all;
	struct wall_time time;
	int n = 1;

	one.images = (struct segment_image *)image;
	one.image_count = 1;
	snapshot_wall_time(&one, &any, OPEN_KNOWN, &time);
	sqlite3_bind_int64(s, n++, (sqlite3_int64)h->id);
	sqlite3_bind_int64(s, n++, h->kind);
	sqlite3_bind_int64(s, n++, h->pid);
	sqlite3_bind_int64(s, n++, image->owned);
	sqlite3_bind_int64(s, n++, (sqlite3_int64)h->start_realtime_ns);
	sqlite3_bind_text(s, n++, image->name, -1, SQLITE_STATIC);
	sqlite3_bind_int64(s, n++, (sqlite3_int64)time.turns);
	sqlite3_bind_int64(s, n++, (sqlite3_int64)time.waits);
#define WALL_COUNT(name, label, doc) \
	sqlite3_bind_int64(s, n++, (sqlite3_int64)time.name);
#include "latency_wall.h"
	sqlite3_bind_int64(s, n++, (sqlite3_int64)h->processes);
	sqlite3_bind_int64(s, n++, (sqlite3_int64)h->unmeasured);
	sqlite3_bind_int64(s, n++, (sqlite3_int64)h->unmeasured_trees);
#define WALL_PART(name, label, brief, doc) \
	sqlite3_bind_int64(s, n++, (sqlite3_int64)time.name##_ns);
#define WALL_CPU(name, label, mode, doc) \
	sqlite3_bind_int64(s, n++, (sqlite3_int64)time.name##_ns);
#define WALL_WORK(name, label, state, doc) \
	sqlite3_bind_int64(s, n++, (sqlite3_int64)time.name##_ns);
#include "latency_wall.h"
}

struct saving {
	struct history_db *db;
	struct history_paths *paths;
	struct sqlite3_stmt *insert_segment;
	struct sqlite3_stmt *insert_slot;
	struct path_sums sums;
	struct latency_error *error;
};

static bool run(struct saving *s, struct sqlite3_stmt *statement)
{
	bool failed = false;

	history_next(s->db, statement, &failed, s->error);
	sqlite3_reset(statement);
	return !failed;
}

static bool save_slot(struct saving *s, sqlite3_int64 segment,
		      const struct segment_image *image,
		      const struct latency_slot *slot)
{
	struct counters_bytes bytes = { .data = NULL };
	struct sqlite3_stmt *i = s->insert_slot;
	uint32_t key;
	bool ok;

	path_sums_clear(&s->sums);
	key = history_key_number(s->db, &slot->key, s->error);
	if (key == 0 || !history_add_slot(s->db, s->paths, image, slot,
					  &s->sums, s->error)) {
		return false;
	}
	if (!path_sums_pack(&s->sums, &bytes)) {
		error_set(s->error, "out of memory");
		free(bytes.data);
		return false;
	}
	sqlite3_bind_int64(i, 1, segment);
	sqlite3_bind_int64(i, 2, key);
	sqlite3_bind_int64(i, 3, (sqlite3_int64)slot->began_ns);
	sqlite3_bind_int64(i, 4, (sqlite3_int64)slot->share_since_ns);
	sqlite3_bind_int64(i, 5, (sqlite3_int64)slot->key_since_ns);
	sqlite3_bind_int64(i, 6, (sqlite3_int64)slot->tree_connects);
	sqlite3_bind_blob(i, 7, bytes.size != 0 ? (void *)bytes.data : "",
			  (int)bytes.size, SQLITE_STATIC);
	ok = run(s, i);
	sqlite3_clear_bindings(i);
	free(bytes.data);
	return ok;
}

static bool save_segment(struct saving *s, const struct snapshot *snapshot,
			 const struct segment_image *image)
{
	const struct latency_slot *slot;
	sqlite3_int64 number;

	bind_segment(s->insert_segment, snapshot, image);
	if (!run(s, s->insert_segment)) {
		return false;
	}
	number = sqlite3_last_insert_rowid(s->db->sql);
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		if (!save_slot(s, number, image, slot)) {
			return false;
		}
	}
	return true;
}

static bool save_all(struct saving *s, const struct snapshot *snapshot)
{
	unsigned i;

	s->insert_segment = history_prepare(s->db, insert_segment, s->error);
	s->insert_slot = history_prepare(
		s->db, "INSERT INTO state_slot (segment, key, began_ns, "
		"share_since_ns, key_since_ns, tree_connects, nodes) VALUES "
		"(?, ?, ?, ?, ?, ?, ?)", s->error);
	if (s->insert_segment == NULL || s->insert_slot == NULL) {
		return false;
	}
	for (i = 0; i < snapshot->image_count; i++) {
		if (!save_segment(s, snapshot, &snapshot->images[i])) {
			return false;
		}
	}
	return true;
}

bool history_state_save(struct history_db *db, struct history_paths *paths,
			const struct snapshot *snapshot, int64_t interval,
			struct latency_error *error)
{
	struct saving s = { .db = db, .paths = paths, .error = error };
	struct sqlite3_stmt *state;
	bool ok;

	ok = history_run(db, "DELETE FROM state_slot; "
			 "DELETE FROM state_segment; DELETE FROM state",
			 error) &&
		save_all(&s, snapshot);
	sqlite3_finalize(s.insert_segment);
	sqlite3_finalize(s.insert_slot);
	path_sums_free(&s.sums);
	state = ok ? history_prepare(db, "INSERT INTO state (id, interval, "
				     "taken_ns) VALUES (1, ?, ?)", error) :
		NULL;
	if (state == NULL) {
		return false;
	}
	sqlite3_bind_int64(state, 1, interval);
	sqlite3_bind_int64(state, 2,
			   (sqlite3_int64)snapshot->taken_realtime_ns);
	return history_finish(db, state, error);
}

/* -------------------------------- loading -------------------------------- */

struct loading {
	struct history_db *db;
	const struct history_paths *paths;
	struct path_sums sums;
	struct latency_error *error;
};

static bool makes_no_sense(const struct loading *l, const char *what)
{
	error_set(l->error, "%s is damaged: %s makes no sense", l->db->name,
		  what);
	return false;
}

static bool load_slot(struct loading *l, struct history_image *image,
		      struct sqlite3_stmt *s)
{
	struct latency_slot_key key;
	struct latency_slot *slot;
	uint32_t i;

	if (!history_key(l->db, (uint32_t)sqlite3_column_int64(s, 0), &key,
			 l->error)) {
		return false;
	}
	if (!history_image_slot(image, &key, true)) {
		return makes_no_sense(l, "a state that has no room");
	}
	slot = image->slot->slot;
	slot->connected = 0;
	slot->began_ns = (uint64_t)sqlite3_column_int64(s, 1);
	slot->share_since_ns = (uint64_t)sqlite3_column_int64(s, 2);
	slot->key_since_ns = (uint64_t)sqlite3_column_int64(s, 3);
	slot->tree_connects = (uint64_t)sqlite3_column_int64(s, 4);
	path_sums_clear(&l->sums);
	if (!path_sums_unpack(&l->sums, sqlite3_column_blob(s, 5),
			      (size_t)sqlite3_column_bytes(s, 5),
			      l->paths->count)) {
		return makes_no_sense(l, "a slot of the state");
	}
	for (i = 0; i < l->sums.count; i++) {
		uint32_t path = l->sums.used[i];

		if (!history_image_add(image, path, l->sums.sum[path])) {
			return makes_no_sense(l, "a state that has no room");
		}
	}
	return true;
}

static bool load_slots(struct loading *l, struct history_image *image,
		       sqlite3_int64 segment)
{
	struct sqlite3_stmt *s;
	bool failed = false;

	s = history_prepare(l->db, "SELECT key, began_ns, share_since_ns, "
			    "key_since_ns, tree_connects, nodes FROM state_slot"
			    " WHERE segment = ? ORDER BY id", l->error);
	if (s == NULL) {
		return false;
	}
	sqlite3_bind_int64(s, 1, segment);
	while (!failed && history_next(l->db, s, &failed, l->error)) {
		failed = !load_slot(l, image, s);
	}
	sqlite3_finalize(s);
	return !failed;
}

static void load_header(struct latency_header *h, struct sqlite3_stmt *s)
{
	int n = 7;

	h->time.turns = (uint64_t)sqlite3_column_int64(s, n++);
	h->time.waits = (uint64_t)sqlite3_column_int64(s, n++);
#define WALL_COUNT(name, label, doc) \
	h->work.name = (__typeof__(h->work.name))sqlite3_column_int64(s, n++);
#include "latency_wall.h"
	h->processes = (uint64_t)sqlite3_column_int64(s, n++);
	h->unmeasured = (uint64_t)sqlite3_column_int64(s, n++);
	h->unmeasured_trees = (uint64_t)sqlite3_column_int64(s, n++);
#define WALL_PART(name, label, brief, doc) \
	h->time.name##_ns = (uint64_t)sqlite3_column_int64(s, n++);
#define WALL_CPU(name, label, mode, doc) \
	h->time.name##_ns = (uint64_t)sqlite3_column_int64(s, n++);
#define WALL_WORK(name, label, state, doc) \
	h->work.name##_ns = (uint64_t)sqlite3_column_int64(s, n++);
#include "latency_wall.h"
	h->time.phase = LATENCY_PHASE_ENDED;
}

static bool load_segment(struct loading *l, struct snapshot *snapshot,
			 struct sqlite3_stmt *s)
{
	const struct segment_identity identity = {
		.kind = sqlite3_column_int(s, 2) == LATENCY_KIND_DEPARTED ?
			LATENCY_KIND_DEPARTED : LATENCY_KIND_PROCESS,
		.id = (uint64_t)sqlite3_column_int64(s, 1),
		.pid = (uint32_t)sqlite3_column_int64(s, 3),
		.start_realtime_ns = (uint64_t)sqlite3_column_int64(s, 5),
		.samba_version = "",
	};
	struct history_image image;
	struct segment_image *made;

	if (!history_image_begin(&image, l->paths, &identity, l->error)) {
		return false;
	}
	load_header(image.w->header, s);
	if (!load_slots(l, &image, sqlite3_column_int64(s, 0))) {
		history_image_drop(&image);
		return false;
	}
	if (!history_image_end(&image, snapshot, l->error)) {
		return false;
	}
	made = &snapshot->images[snapshot->image_count - 1];
	snprintf(made->name, sizeof(made->name), "%s",
		 (const char *)sqlite3_column_text(s, 6));
	made->owned = sqlite3_column_int(s, 4) != 0;
	return true;
}

static bool load_segments(struct loading *l, struct snapshot *snapshot)
{
	struct sqlite3_stmt *s;
	char text[1024];
	bool failed = false;

	snprintf(text, sizeof(text), "SELECT id, %s FROM state_segment "
		 "ORDER BY id", segment_columns);
	s = history_prepare(l->db, text, l->error);
	if (s == NULL) {
		return false;
	}
	while (!failed && history_next(l->db, s, &failed, l->error)) {
		failed = !load_segment(l, snapshot, s);
	}
	sqlite3_finalize(s);
	return !failed;
}

bool history_state_load(struct history_db *db,
			const struct history_paths *paths,
			struct snapshot **snapshot, int64_t *interval,
			struct latency_error *error)
{
	struct loading l = { .db = db, .paths = paths, .error = error };
	struct sqlite3_stmt *s;
	bool failed = false;

	*snapshot = NULL;
	s = history_prepare(db, "SELECT interval, taken_ns FROM state", error);
	if (s == NULL) {
		return false;
	}
	if (history_next(db, s, &failed, error)) {
		*snapshot = calloc(1, sizeof(**snapshot));
		failed = *snapshot == NULL;
		if (failed) {
			error_set(error, "out of memory");
		} else {
			*interval = sqlite3_column_int64(s, 0);
			(*snapshot)->taken_realtime_ns =
				(uint64_t)sqlite3_column_int64(s, 1);
			failed = !load_segments(&l, *snapshot);
		}
	}
	sqlite3_finalize(s);
	path_sums_free(&l.sums);
	if (failed) {
		snapshot_free(*snapshot);
		*snapshot = NULL;
	}
	return !failed;
}
