/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <string.h>

#include "json_counters.h"
#include "json_cursor.h"
#include "json_layers.h"
#include "report_read.h"

#define DEPTH_MAX 256		/* of a tree; jansson's own limit is 2048 */

/* -------------------------------- tables --------------------------------- */

static bool add_to_table(const struct json_cursor *r,
			 const struct json_place *p, json_t *object,
			 struct table *table, const char *const key[DIMENSIONS])
{
	struct group *g = table_group(table, key);

	if (g == NULL) {
		return json_wrong(r, p, NULL, "out of memory");
	}
	return json_counters(r, p, object, g);
}

/* { "name": counters, ... } */
static bool add_by_name(const struct json_cursor *r, json_t *report,
			const char *table_key, struct table *table,
			enum dimension dimension)
{
	const struct json_place in = { NULL, table_key, 0 };
	json_t *objects = json_get(r, NULL, report, table_key, JSON_OBJECT);
	const char *name;
	json_t *object;

	if (objects == NULL) {
		return false;
	}
	json_object_foreach(objects, name, object) {
		const struct json_place p = { &in, name, 0 };
		const char *key[DIMENSIONS];
		unsigned d;

		for (d = 0; d < DIMENSIONS; d++) {
			key[d] = d == dimension ? name : "";
		}
		if (!add_to_table(r, &p, object, table, key)) {
			return false;
		}
	}
	return true;
}

/* [ { "share": ..., counters }, ... ] */
static bool add_by_dimensions(const struct json_cursor *r, json_t *report,
			      const char *table_key, struct table *table)
{
	const struct json_place in = { NULL, table_key, 0 };
	json_t *array = json_get(r, NULL, report, table_key, JSON_ARRAY);
	size_t i;

	if (array == NULL) {
		return false;
	}
	for (i = 0; i < json_array_size(array); i++) {
		const struct json_place p = { &in, NULL, i };
		json_t *object = json_array_get(array, i);
		const char *key[DIMENSIONS];
		unsigned d, by = 0;

		for (d = 0; d < DIMENSIONS; d++) {
			const char *name = json_text_value(json_object_get(
				object, dimension_name(d)));

			key[d] = name != NULL ? name : "";
			by |= name != NULL ? BY(d) : 0;
		}
		if (!table_adopt_by(table, by)) {
			return json_wrong(r, &p, NULL,
					  "was not made with the same --by");
		}
		if (!add_to_table(r, &p, object, table, key)) {
			return false;
		}
	}
	return true;
}

/* An earlier version does not say that. */
static bool add_if_there(const struct json_cursor *r, json_t *report,
			 const char *key, struct table *table)
{
	return json_object_get(report, key) == NULL ||
		add_by_name(r, report, key, table, BY_REQUEST);
}

/* What --by added, or NULL; all reports must be like the first one. */
static bool add_by(const struct json_cursor *r, bool first, json_t *report,
		   const char *table_key, enum table_source source,
		   struct table **table)
{
	bool there = json_object_get(report, table_key) != NULL;

	if (!first && there != (*table != NULL)) {
		return json_wrong(r, NULL, table_key, there ?
				  "is in this report, but not in the earlier "
				  "ones" :
				  "is missing, but is in the earlier reports");
	}
	if (!there) {
		return true;
	}
	if (*table == NULL) {
		*table = table_new(source, 0);
	}
	if (*table == NULL) {
		return json_wrong(r, NULL, table_key, "out of memory");
	}
	return add_by_dimensions(r, report, table_key, *table);
}

/* --------------------------------- tree ---------------------------------- */

static bool add_tree(const struct json_cursor *r,
		     const struct json_place *above, json_t *array,
		     struct context_node *parent, unsigned depth)
{
	size_t i;

	if (!json_is_array(array) || depth == DEPTH_MAX) {
		return json_wrong(r, above, NULL, "is not an array of nodes");
	}
	for (i = 0; i < json_array_size(array); i++) {
		const struct json_place p = { above, NULL, i };
		const struct json_place in = { &p, "children", 0 };
		json_t *object = json_array_get(array, i);
		json_t *name = json_get(r, &p, object, "name", JSON_STRING);
		const char *layer = json_text_value(
			json_object_get(object, "layer"));
		struct context_node *n;

		if (name == NULL) {
			return false;
		}
		n = context_tree_child(parent, layer != NULL ? layer : "",
				       json_text_value(name),
				       json_is_true(json_object_get(object,
								    "async")));
		if (n == NULL) {
			return json_wrong(r, &p, NULL, "out of memory");
		}
		if (!json_add(r, &p, object, "count", &n->count) ||
		    !json_add(r, &p, object, "total_ns", &n->total_ns) ||
		    !add_tree(r, &in, json_object_get(object, "children"), n,
			      depth + 1)) {
			return false;
		}
	}
	return true;
}

/* ------------------------------ the heading ------------------------------ */

/* Adds a time in microseconds to one in nanoseconds. */
static bool add_us(const struct json_cursor *r, const struct json_place *in,
		   json_t *object, const char *key, uint64_t *ns)
{
	uint64_t us = *ns / 1000;

	if (!json_add(r, in, object, key, &us)) {
		return false;
	}
	if (us > INT64_MAX / 1000) {
		return json_wrong(r, in, key, "makes the sum too big");
	}
	*ns = us * 1000;
	return true;
}

/*
 * An earlier version does not say what the main thread was doing, nor how often
 * it was switched.
 */
static bool add_work(const struct json_cursor *r, const struct json_place *in,
		     json_t *object, struct wall_time *t)
{
	return json_object_get(object, "on_cpu_us") == NULL ||
		(
#define WALL_WORK(name, label, state, doc) \
		add_us(r, in, object, #name "_us", &t->name##_ns) &&
#define WALL_COUNT(name, label, doc) \
		json_add_if_there(r, in, object, #name, &t->name) &&
#include "latency_wall.h"
		true);
}

static bool add_time(const struct json_cursor *r, json_t *report,
		     struct wall_time *t)
{
	const struct json_place in = { NULL, "time", 0 };
	json_t *object = json_get(r, NULL, report, "time", JSON_OBJECT);

	return object != NULL &&
		add_us(r, &in, object, "wall_us", &t->wall_ns) &&
#define WALL_PART(name, label, brief, doc) \
		add_us(r, &in, object, #name "_us", &t->name##_ns) &&
#define WALL_CPU(name, label, mode, doc) \
		add_us(r, &in, object, #name "_us", &t->name##_ns) &&
#include "latency_wall.h"
		add_us(r, &in, object, "under_way_us", &t->under_way_ns) &&
		add_work(r, &in, object, t) &&
		json_add(r, &in, object, "event_loop_turns", &t->turns) &&
		json_add(r, &in, object, "waits", &t->waits);
}

static bool add_problems(const struct json_cursor *r, json_t *report,
			 struct snapshot *snapshot)
{
	json_t *array = json_get(r, NULL, report, "problems", JSON_ARRAY);
	struct latency_error problem;
	size_t i;

	if (array == NULL) {
		return false;
	}
	for (i = 0; i < json_array_size(array); i++) {
		const char *text = json_string_value(json_array_get(array, i));

		error_set(&problem, "%s", text != NULL ? text : "?");
		if (!snapshot_add_problem(snapshot, &problem)) {
			return json_wrong(r, NULL, "problems", "out of memory");
		}
	}
	return true;
}

static bool add_times(const struct json_cursor *r, json_t *report,
		      struct report_sum *all)
{
	struct report *sum = &all->report;
	const json_t *since = json_object_get(report, "since");
	const char *version = json_string_value(
		json_object_get(report, "samba_version"));
	json_t *until = json_get(r, NULL, report, "timestamp", JSON_STRING);
	uint64_t ns;

	if (until == NULL) {
		return false;
	}
	if (!json_timestamp_value(json_string_value(until), &ns)) {
		return json_wrong(r, NULL, "timestamp", "is not a time stamp");
	}
	if (ns >= all->latest_ns) {
		all->latest_ns = sum->until_realtime_ns = ns;
		snprintf(sum->coverage.samba_version,
			 sizeof(sum->coverage.samba_version), "%s",
			 version != NULL ? version : "");
	}
	if (json_is_null(since)) {
		return true;
	}
	if (!json_is_string(since) ||
	    !json_timestamp_value(json_string_value(since), &ns)) {
		return json_wrong(r, NULL, "since", "is not a time stamp");
	}
	if (ns < sum->since_realtime_ns) {
		sum->since_realtime_ns = ns;
	}
	return true;
}

static bool add_coverage(const struct json_cursor *r, json_t *report,
			 struct coverage *c)
{
	uint64_t processes = c->processes, connected = c->connected;
	bool ok = json_add(r, NULL, report, "processes", &processes) &&
		json_add(r, NULL, report, "departed_processes", &c->departed) &&
		json_add(r, NULL, report, "tree_connects", &c->tree_connects) &&
		json_add(r, NULL, report, "connected_trees", &connected) &&
		json_add(r, NULL, report, "unmeasured", &c->unmeasured) &&
		json_add_if_there(r, NULL, report, "unmeasured_tree_connects",
				  &c->unmeasured_trees) &&
		json_add_if_there(r, NULL, report, "summed_up_requests",
				  &c->summed_up);

	c->processes = (unsigned)processes;
	c->connected = (unsigned)connected;
	return ok;
}

/* --------------------------------- whole --------------------------------- */

static bool add_report(const struct json_cursor *r, json_t *report,
		       struct report_sum *all)
{
	const struct json_place in = { NULL, "tree", 0 };
	struct report *sum = &all->report;
	bool first = all->count == 0;

	if (!json_is_object(report) ||
	    json_object_get(report, "smb2_requests") == NULL ||
	    json_object_get(report, "vfs_operations") == NULL) {
		return json_wrong(r, NULL, NULL,
				  "line 1: this is not a report from "
				  "smblatency-stat --json");
	}
	sum->interval &= json_is_true(json_object_get(report, "interval"));
	return add_times(r, report, all) &&
		add_coverage(r, report, &sum->coverage) &&
		add_problems(r, report, &all->snapshot) &&
		add_time(r, report, &sum->time) &&
		add_by_name(r, report, "smb2_requests", sum->requests,
			    BY_REQUEST) &&
		add_if_there(r, report, "pending", sum->pending) &&
		add_if_there(r, report, "logon", sum->logon) &&
		add_by_name(r, report, "vfs_operations", sum->ops, BY_OP) &&
		add_by_dimensions(r, report, "layers", sum->layers) &&
		json_layers(r, report, sum->layer_costs) &&
		add_tree(r, &in, json_object_get(report, "tree"), sum->tree,
			 0) &&
		add_by(r, first, report, "smb2_requests_by", TABLE_REQUESTS,
		       &sum->by_requests) &&
		add_by(r, first, report, "pending_by", TABLE_PENDING,
		       &sum->by_pending) &&
		add_by(r, first, report, "logon_by", TABLE_LOGON,
		       &sum->by_logon) &&
		add_by(r, first, report, "vfs_operations_by", TABLE_OPS,
		       &sum->by_ops);
}

/* Skips blanks; is there more? */
static bool more(FILE *f)
{
	int c;

	do {
		c = getc(f);
	} while (c == ' ' || c == '\t' || c == '\r' || c == '\n');
	if (c == EOF) {
		return false;
	}
	ungetc(c, f);
	return true;
}

static bool add_stream(struct json_cursor *r, FILE *f,
		       struct report_sum *sum)
{
	while (more(f)) {
		json_error_t problem;
		json_t *report = json_loadf(f, JSON_DISABLE_EOF_CHECK |
					    JSON_REJECT_DUPLICATES, &problem);
		char text[300];
		bool ok;

		r->object++;
		if (report == NULL) {
			snprintf(text, sizeof(text),
				 "line %d column %d: this is not JSON: %s",
				 problem.line, problem.column, problem.text);
			return json_wrong(r, NULL, NULL, text);
		}
		ok = add_report(r, report, sum);
		json_decref(report);
		if (!ok) {
			return false;
		}
		sum->count++;
	}
	if (ferror(f)) {
		return json_wrong(r, NULL, NULL, strerror(errno));
	}
	return r->object != 0 ||
		json_wrong(r, NULL, NULL, "line 1: the file is empty");
}

bool report_sum_add(struct report_sum *sum, const char *file,
		    struct latency_error *error)
{
	struct json_cursor r = { .file = file, .error = error };
	FILE *f = fopen(file, "re");
	bool ok;

	if (f == NULL) {
		return json_wrong(&r, NULL, NULL, strerror(errno));
	}
	ok = add_stream(&r, f, sum);
	fclose(f);
	return ok;
}
