/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "history_slow.h"

/* Between the ops that one was nested in, and a layer and its op. */
#define BETWEEN_AROUND '\n'
#define BETWEEN_LAYER '\t'

static void bind_name(struct sqlite3_stmt *s, int number, const char *name)
{
	char *text = escape_text(name);

	sqlite3_bind_text(s, number, text, -1, text != NULL ? free :
			  SQLITE_STATIC);
}

/* "layer\top\nlayer\top", the innermost first. */
static void around_text(const struct slow_op *op, char *text, size_t size)
{
	size_t length = 0;
	unsigned i;

	text[0] = '\0';
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
	bind_name(s, 6, op->key.share);
	bind_name(s, 7, op->key.user);
	bind_name(s, 8, op->key.client);
	bind_name(s, 9, op->request);
	bind_name(s, 10, op->layer);
	bind_name(s, 11, op->op);
	sqlite3_bind_text(s, 12, around, -1, SQLITE_TRANSIENT);
	bind_name(s, 13, op->path);
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
