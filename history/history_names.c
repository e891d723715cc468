/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history_column.h"
#include "history_names.h"

#define PATHS_MAX (1u << 20)
#define TEXT_MAX 1024u

/* --------------------------- paths, in memory ---------------------------- */

static uint32_t hash(const struct history_path *p)
{
	uint32_t h = (2166136261u ^ p->parent) * 16777619u;
	const char *c;

	h = (h ^ (uint32_t)p->root) * 16777619u;
	h = (h ^ p->async) * 16777619u;
	for (c = p->layer; *c != '\0'; c++) {
		h = (h ^ (unsigned char)*c) * 16777619u;
	}
	for (c = p->op; *c != '\0'; c++) {
		h = (h ^ (unsigned char)*c) * 16777619u;
	}
	return h ^ h >> 15;
}

static bool same(const struct history_path *a, const struct history_path *b)
{
	return a->parent == b->parent && a->root == b->root &&
		a->async == b->async && strcmp(a->op, b->op) == 0 &&
		strcmp(a->layer, b->layer) == 0;
}

static void insert(struct history_paths *paths, uint32_t number)
{
	uint32_t i = hash(&paths->paths[number - 1]) & paths->mask;

	while (paths->place[i] != 0) {
		i = (i + 1) & paths->mask;
	}
	paths->place[i] = number;
}

static uint32_t find(const struct history_paths *paths,
		     const struct history_path *path)
{
	uint32_t i = hash(path) & paths->mask;

	for (; paths->count != 0 && paths->place[i] != 0;
	     i = (i + 1) & paths->mask) {
		uint32_t number = paths->place[i];

		if (same(&paths->paths[number - 1], path)) {
			return number;
		}
	}
	return 0;
}

/* Makes room for one more; the table stays at most half full. */
static bool grow(struct history_paths *paths)
{
	uint32_t room = paths->mask == 0 ? 256 : (paths->mask + 1) * 2;
	struct history_path *more;
	uint32_t *place;
	uint32_t i;

	if (paths->mask != 0 && paths->count < (paths->mask + 1) / 2) {
		return true;
	}
	more = realloc(paths->paths, room / 2 * sizeof(*more));
	if (more == NULL) {
		return false;
	}
	paths->paths = more;
	place = calloc(room, sizeof(*place));
	if (place == NULL) {
		return false;
	}
	free(paths->place);
	paths->place = place;
	paths->mask = room - 1;
	for (i = 1; i <= paths->count; i++) {
		insert(paths, i);
	}
	return true;
}

static bool append(struct history_paths *paths, const struct history_path *path,
		   struct latency_error *error)
{
	if (paths->count == PATHS_MAX || !grow(paths)) {
		error_set(error, "out of memory");
		return false;
	}
	paths->paths[paths->count++] = *path;
	insert(paths, paths->count);
	return true;
}

void history_paths_free(struct history_paths *paths)
{
	free(paths->paths);
	free(paths->place);
	memset(paths, 0, sizeof(*paths));
}

/* ------------------------ paths, in the database ------------------------- */

/* What a row says, as far as it makes sense. */
static bool path_of_row(const struct history_paths *paths,
			struct sqlite3_stmt *s, struct history_path *path)
{
	sqlite3_int64 parent = sqlite3_column_int64(s, 1);
	int error_class;

	memset(path, 0, sizeof(*path));
	path->parent = (uint32_t)parent;
	history_column_name(s, 2, path->layer, sizeof(path->layer));
	history_column_name(s, 3, path->op, sizeof(path->op));
	path->root = sqlite3_column_int(s, 4);
	path->async = sqlite3_column_int(s, 5) != 0;
	error_class = sqlite3_column_int(s, 6);
	path->error_class = (enum latency_class)error_class;
	return sqlite3_column_int64(s, 0) == (sqlite3_int64)paths->count + 1 &&
		parent >= 0 && parent <= (sqlite3_int64)paths->count &&
		error_class >= 0 && error_class <= LATENCY_CLASS_VOID &&
		path->root >= -1 && path->root < LATENCY_ROOT_END &&
		(path->root == -1) == (path->layer[0] != '\0');
}

bool history_paths_again(struct history_db *db, struct history_paths *paths,
			 struct latency_error *error)
{
	history_paths_free(paths);
	return history_paths_read(db, paths, error);
}

bool history_paths_read(struct history_db *db, struct history_paths *paths,
			struct latency_error *error)
{
	struct sqlite3_stmt *s;
	struct history_path path;
	bool failed = false;

	memset(paths, 0, sizeof(*paths));
	s = history_prepare(db, "SELECT id, parent, layer, op, root, async, "
			    "class FROM path ORDER BY id", error);
	if (s == NULL) {
		return false;
	}
	while (!failed && history_next(db, s, &failed, error)) {
		if (!path_of_row(paths, s, &path)) {
			error_set(error, "%s: path %lld makes no sense",
				  db->name, (long long)sqlite3_column_int64(
					  s, 0));
			failed = true;
		} else {
			failed = !append(paths, &path, error);
		}
	}
	sqlite3_finalize(s);
	return !failed;
}

/* "SMB2_OP_CREATE > create_file > openat", its beginning if it is too long. */
static void path_text(const struct history_paths *paths,
		      const struct history_path *path, char *text, size_t size)
{
	const struct history_path *above = history_path(paths, path->parent);
	char own[sizeof(path->layer) + sizeof(path->op) + 8];
	size_t length;

	text[0] = '\0';
	if (above != NULL) {
		path_text(paths, above, text, size);
	}
	snprintf(own, sizeof(own), "%s%s%s", path->layer,
		 path->layer[0] != '\0' ? ":" : "", path->op);
	length = strlen(text);
	snprintf(text + length, size - length, "%s%s",
		 above != NULL ? " > " : "", own);
}

uint32_t history_path_number(struct history_db *db, struct history_paths *paths,
			     const struct history_path *path,
			     struct latency_error *error)
{
	uint32_t number = find(paths, path);
	char text[TEXT_MAX];
	struct sqlite3_stmt *s;

	if (number != 0) {
		return number;
	}
	s = history_prepare(db, "INSERT INTO path (id, parent, layer, op, root,"
			    " async, class, text) VALUES (?, ?, ?, ?, ?, ?, ?,"
			    " ?)", error);
	if (s == NULL) {
		return 0;
	}
	path_text(paths, path, text, sizeof(text));
	sqlite3_bind_int64(s, 1, (sqlite3_int64)paths->count + 1);
	sqlite3_bind_int64(s, 2, path->parent);
	history_bind_name(s, 3, path->layer);
	history_bind_name(s, 4, path->op);
	sqlite3_bind_int(s, 5, path->root);
	sqlite3_bind_int(s, 6, path->async);
	sqlite3_bind_int(s, 7, (int)path->error_class);
	history_bind_name(s, 8, text);
	return history_finish(db, s, error) && append(paths, path, error) ?
		paths->count : 0;
}

/* --------------------------------- keys ---------------------------------- */

static struct sqlite3_stmt *with_key(struct history_db *db, const char *text,
				     const struct latency_slot_key *key,
				     struct latency_error *error)
{
	struct sqlite3_stmt *s = history_prepare(db, text, error);

	if (s != NULL) {
		history_bind_name(s, 1, key->share);
		history_bind_name(s, 2, key->user);
		history_bind_name(s, 3, key->client);
		history_bind_name(s, 4, key->objects);
	}
	return s;
}

uint32_t history_key_number(struct history_db *db,
			    const struct latency_slot_key *key,
			    struct latency_error *error)
{
	struct sqlite3_stmt *s;
	sqlite3_int64 number = 0;
	bool failed = false;

	s = with_key(db, "SELECT id FROM key WHERE share = ? AND user = ? AND "
		     "client = ? AND objects = ?", key, error);
	if (s == NULL) {
		return 0;
	}
	if (history_next(db, s, &failed, error)) {
		number = sqlite3_column_int64(s, 0);
	}
	sqlite3_finalize(s);
	if (number == 0 && !failed) {
		s = with_key(db, "INSERT INTO key (share, user, client, "
			     "objects) VALUES (?, ?, ?, ?)", key, error);
		if (s == NULL || !history_finish(db, s, error)) {
			return 0;
		}
		number = sqlite3_last_insert_rowid(db->sql);
	}
	if (number <= 0 || number >= (sqlite3_int64)HISTORY_KEYS) {
		error_set(error, "%s: too many keys", db->name);
		return 0;
	}
	return (uint32_t)number;
}

bool history_key(struct history_db *db, uint32_t n,
		 struct latency_slot_key *key, struct latency_error *error)
{
	struct sqlite3_stmt *s;
	bool failed = false, found;

	memset(key, 0, sizeof(*key));
	s = history_prepare(db, "SELECT share, user, client, objects FROM key "
			    "WHERE id = ?", error);
	if (s == NULL) {
		return false;
	}
	sqlite3_bind_int64(s, 1, n);
	found = history_next(db, s, &failed, error);
	if (found) {
		history_column_name(s, 0, key->share, sizeof(key->share));
		history_column_name(s, 1, key->user, sizeof(key->user));
		history_column_name(s, 2, key->client, sizeof(key->client));
		history_column_name(s, 3, key->objects, sizeof(key->objects));
	} else if (!failed) {
		error_set(error, "%s: key %u is missing", db->name, n);
	}
	sqlite3_finalize(s);
	return found;
}
