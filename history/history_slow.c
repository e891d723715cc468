/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history_column.h"
#include "history_slow.h"

/* Between the ops that one was nested in, and a layer and its op. */
#define BETWEEN_AROUND '\n'
#define BETWEEN_LAYER '\t'

/* --------------------------------- storing -------------------------------- */

/* "layer\top\nlayer\top", the innermost first. */
static void around_text(const struct slow_op *op, char *text, size_t size)
{
	size_t length = 0;
	unsigned i;

	text[0] = '\0';
	if (op->is_request) {
		snprintf(text, size, "%llu%c%llu",
			 (unsigned long long)op->pending_ns, BETWEEN_LAYER,
			 (unsigned long long)op->vfs_ns);
		return;
	}
	for (i = 0; i < op->around_count && length < size; i++) {
		int more = snprintf(text + length, size - length, "%s%s%c%s",
				    i != 0 ? "\n" : "", op->around[i].layer,
				    BETWEEN_LAYER, op->around[i].op);

		length += (size_t)more;
	}
}

static void bind_op(struct sqlite3_stmt *s, const struct slow_op *op)
{
	char around[sizeof(op->around) + 16];

	around_text(op, around, sizeof(around));
	sqlite3_bind_int64(s, 1, (sqlite3_int64)op->realtime_ns);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)op->duration_ns);
	sqlite3_bind_int64(s, 3, (sqlite3_int64)op->message_id);
	sqlite3_bind_int64(s, 4, op->pid);
	sqlite3_bind_int64(s, 5, op->error);
	history_bind_name(s, 6, op->key.share);
	history_bind_name(s, 7, op->key.user);
	history_bind_name(s, 8, op->key.client);
	history_bind_name(s, 9, op->request);
	history_bind_name(s, 10, op->layer);
	history_bind_name(s, 11, op->op);
	sqlite3_bind_text(s, 12, around, -1, SQLITE_TRANSIENT);
	history_bind_name(s, 13, op->path);
}

bool history_slow_add(struct history_db *db, const struct slow_op_list *list,
		      struct latency_error *error)
{
	bool failed = false;
	struct sqlite3_stmt *s;
	unsigned i;

	if (list->count == 0) {
		return true;
	}
	s = history_prepare(db, "INSERT OR IGNORE INTO slow_op (end_ns, "
			    "duration_ns, message_id, pid, error, share, user, "
			    "client, request, layer, op, around, path) VALUES "
			    "(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", error);
	if (s == NULL) {
		return false;
	}
	for (i = 0; i < list->count && !failed; i++) {
		bind_op(s, &list->ops[i]);
		history_next(db, s, &failed, error);
		sqlite3_reset(s);
	}
	sqlite3_finalize(s);
	return !failed;
}

/* --------------------------------- reading -------------------------------- */

/* What around_text() made. */
static void take_around(const char *text, struct slow_op *op)
{
	while (text != NULL && *text != '\0' &&
	       op->around_count < LATENCY_SLOW_AROUND) {
		struct slow_op_around *a = &op->around[op->around_count++];
		size_t line = strcspn(text, "\n");
		size_t layer = strcspn(text, "\t\n");

		snprintf(a->layer, sizeof(a->layer), "%.*s", (int)layer, text);
		if (layer < line) {
			snprintf(a->op, sizeof(a->op), "%.*s",
				 (int)(line - layer - 1), text + layer + 1);
		}
		text += line;
		text += *text == '\n';
	}
}

/* The same of a request, which has no op. */
static void take_request(const char *text, struct slow_op *op)
{
	unsigned long long pending_ns = 0, vfs_ns = 0;

	op->is_request = true;
	if (text != NULL) {
		sscanf(text, "%20llu\t%20llu", &pending_ns, &vfs_ns);
	}
	op->pending_ns = pending_ns;
	op->vfs_ns = vfs_ns;
}

static void take_op(struct sqlite3_stmt *s, struct slow_op *op)
{
	memset(op, 0, sizeof(*op));
	op->realtime_ns = (uint64_t)sqlite3_column_int64(s, 0);
	op->duration_ns = (uint64_t)sqlite3_column_int64(s, 1);
	op->message_id = (uint64_t)sqlite3_column_int64(s, 2);
	op->pid = (uint32_t)sqlite3_column_int64(s, 3);
	op->error = (uint32_t)sqlite3_column_int64(s, 4);
	history_column_name(s, 5, op->key.share, sizeof(op->key.share));
	history_column_name(s, 6, op->key.user, sizeof(op->key.user));
	history_column_name(s, 7, op->key.client, sizeof(op->key.client));
	history_column_name(s, 8, op->request, sizeof(op->request));
	history_column_name(s, 9, op->layer, sizeof(op->layer));
	history_column_name(s, 10, op->op, sizeof(op->op));
	if (op->op[0] == '\0') {
		take_request((const char *)sqlite3_column_text(s, 11), op);
	} else {
		take_around((const char *)sqlite3_column_text(s, 11), op);
	}
	history_column_name(s, 12, op->path, sizeof(op->path));
}

static bool is_wanted(const struct filter *f, const struct slow_op *op)
{
	const struct latency_slot_key *key = &op->key;

	return filter_name(f->share, key->share, sizeof(key->share)) &&
		filter_name(f->user, key->user, sizeof(key->user)) &&
		filter_name(f->client, key->client, sizeof(key->client));
}

bool history_slow_visit(struct history_db *db, uint64_t from_ns,
			uint64_t to_ns, const struct filter *filter,
			history_slow_visitor visitor, void *private_data,
			struct latency_error *error)
{
	struct sqlite3_stmt *s;
	struct slow_op op;
	bool failed = false, ended = false;

	s = history_prepare(db, "SELECT end_ns, duration_ns, message_id, pid, "
			    "error, share, user, client, request, layer, op, "
			    "around, path FROM slow_op WHERE end_ns >= ? AND "
			    "end_ns < ? ORDER BY end_ns, id", error);
	if (s == NULL) {
		return false;
	}
	sqlite3_bind_int64(s, 1, (sqlite3_int64)from_ns);
	sqlite3_bind_int64(s, 2, (sqlite3_int64)to_ns);
	while (!ended && history_next(db, s, &failed, error)) {
		take_op(s, &op);
		ended = is_wanted(filter, &op) && !visitor(private_data, &op);
	}
	sqlite3_finalize(s);
	return !failed;
}
