/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>

#include "escape.h"
#include "slow_op_json.h"

static json_t *around(const struct slow_op *op)
{
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < op->around_count; i++) {
		json_t *object = json_object();

		json_object_set_new(object, "op", json_text(op->around[i].op));
		json_object_set_new(object, "layer",
				    json_text(op->around[i].layer));
		json_array_append_new(array, object);
	}
	return array;
}

const char *slow_op_result(const struct slow_op *op, char number[ERROR_NUMBER])
{
	return op->under_way ? "under way" : op->error == 0 ? "ok" :
		error_name(op->error, number);
}

json_t *slow_op_json(const struct slow_op *op)
{
	json_t *object = json_object();
	json_t *path = json_string(op->path);
	bool escaped = path == NULL;
	char number[ERROR_NUMBER];

	if (escaped) {
		char *text = escape_text(op->path);

		path = json_string(text != NULL ? text : "");
		free(text);
	}
	json_object_set_new(object, "timestamp",
			    json_timestamp(op->realtime_ns));
	json_set(object, "duration_ns", op->duration_ns);
	json_object_set_new(object, "op", op->is_request ? json_null() :
			    json_text(op->op));
	json_object_set_new(object, "layer", op->is_request ? json_null() :
			    json_text(op->layer));
	json_object_set_new(object, "around", around(op));
	json_object_set_new(object, "pending_ns", op->is_request ?
			    json_integer((json_int_t)op->pending_ns) :
			    json_null());
	json_object_set_new(object, "vfs_ns", op->is_request &&
			    !op->under_way ?
			    json_integer((json_int_t)op->vfs_ns) :
			    json_null());
	json_object_set_new(object, "request", json_text(op->request));
	json_set(object, "message_id", op->message_id);
	json_object_set_new(object, "path", path);
	json_object_set_new(object, "path_escaped", json_boolean(escaped));
	json_object_set_new(object, "share", json_text(op->key.share));
	json_object_set_new(object, "user", json_text(op->key.user));
	json_object_set_new(object, "client", json_text(op->key.client));
	json_object_set_new(object, "result",
			    json_text(slow_op_result(op, number)));
	json_object_set_new(object, "pid", op->pid == 0 ? json_null() :
			    json_integer(op->pid));
	return object;
}
