/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "hot_files_json.h"

static json_t *sum_json(const struct latency_file_sum *sum)
{
	json_t *object = json_object();

#define FIGURE(NAME, field, word, doc) json_set(object, #field, sum->field);
#include "latency_figures.h"
	return object;
}

static json_t *file_json(const struct hot_file *file)
{
	json_t *object = sum_json(&file->sum);

	json_object_set_new(object, "missed", sum_json(&file->missed));
	json_object_set_new(object, "share", json_text(file->share));
	if (file->user != NULL) {
		json_object_set_new(object, "user", json_text(file->user));
	}
	if (file->client != NULL) {
		json_object_set_new(object, "client", json_text(file->client));
	}
	json_object_set_new(object, "path", json_text(file->path));
	json_object_set_new(object, "cut", json_boolean(file->cut));
	return object;
}

json_t *hot_files_json(const struct hot_files *f, unsigned count)
{
	json_t *object = json_object();
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < count && i < f->count; i++) {
		json_array_append_new(array, file_json(&f->file[i]));
	}
	json_object_set_new(object, "files", array);
	json_object_set_new(object, "all", sum_json(&f->all));
	json_object_set_new(object, "dropped", sum_json(&f->dropped));
	json_object_set_new(object, "unknown", sum_json(&f->unknown));
	return object;
}
