/*
 * The report as one JSON object on one line. Documented in
 * smblatency-stat(1); keys are added, never changed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <jansson.h>
#include <string.h>
#include <time.h>

#include "latency_config.h"
#include "report.h"

/* RFC 3339, UTC, with milliseconds. */
static json_t *timestamp(uint64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000u);
	struct tm tm;
	char text[64];
	size_t length;

	gmtime_r(&seconds, &tm);
	length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + length, sizeof(text) - length, ".%03uZ",
		 (unsigned)(realtime_ns / 1000000 % 1000));
	return json_string(text);
}

/* A string that may not be valid UTF-8: byte by byte as Latin-1 then. */
static json_t *text(const char *string)
{
	json_t *value = json_string(string);
	char latin1[512];
	size_t to = 0;

	if (value != NULL) {
		return value;
	}
	for (; *string != '\0' && to + 2 < sizeof(latin1); string++) {
		unsigned char c = (unsigned char)*string;

		if (c < 0x80) {
			latin1[to++] = (char)c;
		} else {
			latin1[to++] = (char)(0xc0 | c >> 6);
			latin1[to++] = (char)(0x80 | (c & 0x3f));
		}
	}
	return json_stringn(latin1, to);
}

static void set(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

static json_t *histogram(const struct row_sum *sum)
{
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		json_t *upper;

		if (sum->histogram[i] == 0) {
			continue;
		}
		upper = hist_upper(i) == UINT64_MAX ? json_null() :
			json_integer((json_int_t)hist_upper(i));
		json_array_append_new(array, json_pack(
			"[I, o, I]", (json_int_t)hist_lower(i), upper,
			(json_int_t)sum->histogram[i]));
	}
	return array;
}

/* Errors by the name of the errno, or the number of the NTSTATUS. */
static json_t *errors(const struct group *g)
{
	const struct row_sum *sum = &g->sum;
	json_t *object = json_object();
	uint32_t i;

	for (i = 0; i < sum->error_count; i++) {
		uint32_t code = sum->error[i].code;
		const char *name = NULL;
		char number[16];

		if (sum->error[i].count == 0) {
			continue;
		}
		snprintf(number, sizeof(number), "0x%08x", code);
		if (code == UINT32_MAX) {
			name = "other";
		} else if (g->op_class != LATENCY_CLASS_NTSTATUS) {
			name = strerrorname_np((int)code);
		}
		set(object, name != NULL ? name : number, sum->error[i].count);
	}
	return object;
}

/* The counters of an op or request. */
static json_t *counters(const struct group *g, bool with_histogram)
{
	const struct row_sum *sum = &g->sum;
	json_t *object = json_object();

	set(object, "count", sum->count);
	set(object, "errors", sum->errors);
	set(object, "bytes", sum->bytes);
	set(object, "total_ns", sum->total_ns);
	set(object, "self_ns", g->self_ns);
	set(object, "min_ns", sum->count == 0 ? 0 : sum->min_ns);
	set(object, "avg_ns", row_sum_avg(sum));
	set(object, "max_ns", sum->max_ns);
	set(object, "p50_ns", row_sum_percentile(sum, 500));
	set(object, "p90_ns", row_sum_percentile(sum, 900));
	set(object, "p95_ns", row_sum_percentile(sum, 950));
	set(object, "p99_ns", row_sum_percentile(sum, 990));
	set(object, "p999_ns", row_sum_percentile(sum, 999));
	set(object, "untimed", sum->untimed);
	if (sum->async != 0) {
		set(object, "async", sum->async);
		set(object, "service_count", sum->service_count);
		set(object, "service_ns", sum->service_ns);
		set(object, "service_wall_ns", sum->service_wall_ns);
	}
	json_object_set_new(object, "errors_by_code", errors(g));
	if (with_histogram) {
		json_object_set_new(object, "histogram", histogram(sum));
	}
	return object;
}

static json_t *by_name(const struct table *table, enum dimension key)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < table->count; i++) {
		const struct group *g = table->groups[i];

		json_object_set_new(object, g->key[key], counters(g, true));
	}
	return object;
}

/* Objects with the dimensions of the table as keys, then the counters. */
static json_t *by_dimensions(const struct table *table)
{
	json_t *array = json_array();
	unsigned i, d;

	for (i = 0; i < table->count; i++) {
		const struct group *g = table->groups[i];
		json_t *object = json_object();
		json_t *rest;

		for (d = 0; d < DIMENSIONS; d++) {
			if (table->by & BY(d)) {
				json_object_set_new(object, dimension_name(d),
						    text(g->key[d]));
			}
		}
		rest = counters(g, true);
		json_object_update(object, rest);
		json_decref(rest);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *wall_time(const struct wall_time *t)
{
	json_t *object = json_object();

	set(object, "wall_us", t->wall_ns / 1000);
	set(object, "waiting_client_us", t->waiting_client_ns / 1000);
	set(object, "waiting_async_us", t->waiting_async_ns / 1000);
	set(object, "vfs_us", t->vfs_ns / 1000);
	set(object, "smb_us", t->smb_ns / 1000);
	set(object, "receive_us", t->receive_ns / 1000);
	set(object, "send_us", t->send_ns / 1000);
	set(object, "other_us", t->other_ns / 1000);
	set(object, "cpu_user_us", t->cpu_user_ns / 1000);
	set(object, "cpu_system_us", t->cpu_system_ns / 1000);
	set(object, "event_loop_turns", t->turns);
	set(object, "waits", t->waits);
	return object;
}

static json_t *tree(const struct context_node *n)
{
	json_t *array = json_array();

	for (; n != NULL; n = n->next) {
		json_t *object = json_object();

		json_object_set_new(object, "name", text(n->op));
		if (n->layer[0] != '\0') {
			json_object_set_new(object, "layer", text(n->layer));
		}
		if (n->async) {
			json_object_set_new(object, "async", json_true());
		}
		set(object, "count", n->count);
		set(object, "total_ns", n->total_ns);
		set(object, "self_ns", n->self_ns);
		json_object_set_new(object, "children", tree(n->child));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *problems(const struct snapshot *snapshot)
{
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < snapshot->problem_count; i++) {
		json_array_append_new(array, text(snapshot->problems[i].text));
	}
	return array;
}

bool report_json(const struct report *r, FILE *out)
{
	const struct coverage *c = &r->coverage;
	json_t *object = json_object();
	int ret;

	json_object_set_new(object, "timestamp",
			    timestamp(r->until_realtime_ns));
	json_object_set_new(object, "version", json_string(LATENCY_VERSION));
	json_object_set_new(object, "samba_version", text(c->samba_version));
	json_object_set_new(object, "since",
			    c->since_realtime_ns == UINT64_MAX ? json_null() :
			    timestamp(r->since_realtime_ns));
	set(object, "running_for_ms", r->running_for_ns / 1000000);
	set(object, "processes", c->processes);
	set(object, "departed_processes", c->departed);
	set(object, "tree_connects", c->tree_connects);
	set(object, "connected_trees", c->connected);
	set(object, "unmeasured", c->unmeasured);
	json_object_set_new(object, "problems", problems(r->snapshot));
	json_object_set_new(object, "time", wall_time(&r->time));
	json_object_set_new(object, "smb2_requests",
			    by_name(r->requests, BY_REQUEST));
	json_object_set_new(object, "vfs_operations", by_name(r->ops, BY_OP));
	json_object_set_new(object, "layers", by_dimensions(r->layers));
	json_object_set_new(object, "tree", tree(r->tree->child));
	if (r->by_requests != NULL) {
		json_object_set_new(object, "smb2_requests_by",
				    by_dimensions(r->by_requests));
	}
	if (r->by_ops != NULL) {
		json_object_set_new(object, "vfs_operations_by",
				    by_dimensions(r->by_ops));
	}
	ret = json_dumpf(object, out, JSON_COMPACT);
	json_decref(object);
	fputc('\n', out);
	return ret == 0;
}
