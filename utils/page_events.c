/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "complain.h"
#include "history_files.h"
#include "history_slow.h"
#include "hot_files_json.h"
#include "page_events.h"
#include "slow_op_json.h"

#define FILES 200u		/* of most time */
#define SLOW_OPS 500u		/* the latest */

/* ------------------------------ slow operations -------------------------- */

static bool add_slow_op(void *array, const struct slow_op *op)
{
	if (json_array_size(array) == SLOW_OPS) {
		json_array_remove(array, 0);
	}
	json_array_append_new(array, slow_op_json(op));
	return true;
}

static int slow_ops_now(const struct options *options, const char *directory,
			json_t *array)
{
	struct slow_ops_seen seen = { .count = 0 };
	struct latency_error error;
	struct slow_op_list list;
	unsigned i;

	if (!slow_ops_read(directory, &options->report.filter, &seen, &list,
			   &error)) {
		return complain("%s", error.text);
	}
	for (i = 0; i < list.count; i++) {
		add_slow_op(array, &list.ops[i]);
	}
	slow_ops_free(&list);
	slow_ops_forget(&seen);
	return EXIT_OK;
}

static int slow_ops_past(const struct options *options, struct history_db *db,
			 json_t *array)
{
	struct latency_error error;

	return history_slow_visit(db, options->from_ns, options->to_ns,
				  &options->report.filter, add_slow_op, array,
				  &error) ? EXIT_OK :
		complain("%s", error.text);
}

/* --------------------------------- files --------------------------------- */

/* Takes the files. */
static void add_files(struct hot_files *files, json_t *data)
{
	hot_files_sort(files, HOT_TIME);
	json_object_set_new(data, "files", hot_files_json(files, FILES));
	hot_files_free(files);
}

static int files_now(const struct options *options, const char *directory,
		     json_t *data)
{
	struct latency_error error;
	struct hot_files files;

	if (!hot_files_read(directory, &options->report.filter, 0, true,
			    &files, &error)) {
		return complain("%s", error.text);
	}
	add_files(&files, data);
	return EXIT_OK;
}

static int files_past(const struct options *options, struct history_db *db,
		      json_t *data)
{
	struct history_files_span span;
	struct latency_error error;
	struct hot_files files;

	if (!history_files_read(db, options->from_ns, options->to_ns,
				&options->report.filter, 0, &files, &span,
				&error)) {
		return complain("%s", error.text);
	}
	if (span.steps != 0) {
		add_files(&files, data);
	}
	return EXIT_OK;
}

/* --------------------------------- whole --------------------------------- */

int page_events_now(const struct options *options, const char *directory,
		    json_t *data)
{
	json_t *slow = json_array();
	int ret = slow_ops_now(options, directory, slow);

	json_object_set_new(data, "slow", slow);
	return ret == EXIT_OK ? files_now(options, directory, data) : ret;
}

int page_events_past(const struct options *options, struct history_db *db,
		     json_t *data)
{
	json_t *slow = json_array();
	int ret = slow_ops_past(options, db, slow);

	json_object_set_new(data, "slow", slow);
	return ret == EXIT_OK ? files_past(options, db, data) : ret;
}
