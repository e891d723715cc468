/*
 * The report as one JSON object on one line. Documented in
 * smblatency-stat(1); keys are added, never changed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "error_name.h"
#include "json_histogram.h"
#include "json_value.h"
#include "latency_config.h"
#include "report_json.h"
#include "views.h"

static json_t *errors(const struct group *g)
{
	const struct row_sum *sum = &g->sum;
	json_t *object = json_object();
	uint32_t i;

	for (i = 0; i < sum->error_count; i++) {
		char number[ERROR_NUMBER];

		if (sum->error[i].count != 0) {
			json_set(object, error_name(sum->error[i].code,
						    number),
				 sum->error[i].count);
		}
	}
	return object;
}

/* The counters of an op or request. */
static json_t *counters(const struct table *table, const struct group *g,
			bool with_histogram)
{
	const struct row_sum *sum = &g->sum;
	json_t *object = json_object();

	json_set(object, "count", sum->count);
	json_set(object, "errors", sum->errors);
	json_set(object, "failures", group_failures(g));
	json_set(object, "bytes", sum->bytes);
	json_set(object, "total_ns", sum->total_ns);
	json_set(object, "self_ns", g->self_ns);
	if (table_source(table) == TABLE_REQUESTS) {
		json_set(object, "send_ns", g->send_ns);
	}
	json_set(object, "min_ns", sum->count == 0 ? 0 : sum->min_ns);
	json_set(object, "avg_ns", row_sum_avg(sum));
	json_set(object, "max_ns", sum->max_ns);
	json_set(object, "p50_ns", row_sum_percentile(sum, 500));
	json_set(object, "p90_ns", row_sum_percentile(sum, 900));
	json_set(object, "p95_ns", row_sum_percentile(sum, 950));
	json_set(object, "p99_ns", row_sum_percentile(sum, 990));
	json_set(object, "p999_ns", row_sum_percentile(sum, 999));
	json_set(object, "untimed", sum->untimed);
	if (sum->async != 0) {
		json_set(object, "async", sum->async);
		json_set(object, "service_count", sum->service_count);
		json_set(object, "service_ns", sum->service_ns);
		json_set(object, "service_wall_ns", sum->service_wall_ns);
	}
	json_object_set_new(object, "errors_by_code", errors(g));
	if (with_histogram) {
		json_object_set_new(object, "histogram", json_latencies(sum));
		if (sum->bytes != 0) {
			json_object_set_new(object, "sizes", json_sizes(sum));
		}
	}
	return object;
}

static json_t *by_name(const struct table *table, enum dimension key)
{
	json_t *object = json_object();
	unsigned i;

	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);

		json_object_set_new(object, group_name(g, key),
				    counters(table, g, true));
	}
	return object;
}

json_t *report_json_table(const struct table *table, bool with_histogram)
{
	json_t *array = json_array();
	unsigned i, d;

	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);
		json_t *object = json_object();
		json_t *rest;

		for (d = 0; d < DIMENSIONS; d++) {
			if (table_by(table) & BY(d)) {
				json_object_set_new(object, dimension_name(d),
					json_text(group_name(g, d)));
			}
		}
		rest = counters(table, g, with_histogram);
		json_object_update(object, rest);
		json_decref(rest);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *wall_time(const struct wall_time *t)
{
	json_t *object = json_object();

	json_set(object, "wall_us", t->wall_ns / 1000);
#define WALL_PART(name, label, brief, doc) \
	json_set(object, #name "_us", t->name##_ns / 1000);
#define WALL_CPU(name, label, mode, doc) \
	json_set(object, #name "_us", t->name##_ns / 1000);
#define WALL_WORK(name, label, state, doc) \
	json_set(object, #name "_us", t->name##_ns / 1000);
#define WALL_COUNT(name, label, doc) json_set(object, #name, t->name);
#include "latency_wall.h"
	json_set(object, "under_way_us", t->under_way_ns / 1000);
	json_set(object, "event_loop_turns", t->turns);
	json_set(object, "waits", t->waits);
	return object;
}

static json_t *tree(const struct context_node *n)
{
	json_t *array = json_array();

	for (; n != NULL; n = n->next) {
		json_t *object = json_object();

		json_object_set_new(object, "name", json_text(n->op));
		if (n->layer[0] != '\0') {
			json_object_set_new(object, "layer",
					    json_text(n->layer));
		}
		if (n->async) {
			json_object_set_new(object, "async", json_true());
		}
		json_set(object, "count", n->count);
		json_set(object, "total_ns", n->total_ns);
		json_set(object, "self_ns", n->self_ns);
		json_object_set_new(object, "children", tree(n->child));
		json_array_append_new(array, object);
	}
	return array;
}

/* The parts of a text between these characters. */
static json_t *parts(const char *text, const char *between)
{
	json_t *array = json_array();
	char *copy = strdup(text), *rest = NULL, *part;

	for (part = copy == NULL ? NULL : strtok_r(copy, between, &rest);
	     part != NULL; part = strtok_r(NULL, between, &rest)) {
		json_array_append_new(array, json_text(part));
	}
	free(copy);
	return array;
}

static json_t *layer_cost(const struct layer_cost *layer)
{
	json_t *object = json_object();
	json_t *ops = json_object();
	unsigned i;

	for (i = 0; i < layer->count; i++) {
		json_t *op = json_object();

		json_set(op, "count", layer->ops[i].count);
		json_set(op, "self_ns", layer->ops[i].self_ns);
		json_object_set_new(ops, layer->ops[i].op, op);
	}
	json_object_set_new(object, "layer", json_text(layer->layer));
	json_object_set_new(object, "next_layer", layer->below[0] == '\0' ?
			    json_null() : json_text(layer->below));
	json_object_set_new(object, "between", layer->known ?
			    parts(layer->modules, " ") : json_null());
	json_set(object, "self_ns", layer->self_ns);
	json_object_set_new(object, "operations", ops);
	return object;
}

static json_t *between_layers(const struct layer_costs *costs)
{
	json_t *array = json_array();
	unsigned i, j;

	for (i = 0; i < costs->count; i++) {
		const struct layer_stack *stack = &costs->stacks[i];
		json_t *object = json_object();
		json_t *shares = json_array();
		json_t *layers = json_array();

		for (j = 0; j < stack->share_count; j++) {
			json_array_append_new(shares,
					      json_text(stack->shares[j]));
		}
		for (j = 0; j < stack->count; j++) {
			json_array_append_new(layers,
					      layer_cost(&stack->layers[j]));
		}
		json_object_set_new(object, "modules",
				    parts(stack->objects, "/"));
		json_object_set_new(object, "shares", shares);
		json_object_set_new(object, "layers", layers);
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *problems(const struct snapshot *snapshot)
{
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < snapshot->problem_count; i++) {
		json_array_append_new(
			array, json_text(snapshot->problems[i].text));
	}
	return array;
}

json_t *report_json_object(const struct report *r)
{
	const struct coverage *c = &r->coverage;
	json_t *object = json_object();

	json_object_set_new(object, "timestamp",
			    json_timestamp(r->until_realtime_ns));
	json_object_set_new(object, "version", json_string(LATENCY_VERSION));
	json_object_set_new(object, "samba_version",
			    json_text(c->samba_version));
	json_object_set_new(object, "since",
			    c->since_realtime_ns == UINT64_MAX ? json_null() :
			    json_timestamp(r->since_realtime_ns));
	json_set(object, "running_for_ms", r->running_for_ns / 1000000);
	json_object_set_new(object, "interval", json_boolean(r->interval));
	json_set(object, "processes", c->processes);
	json_set(object, "departed_processes", c->departed);
	json_set(object, "tree_connects", c->tree_connects);
	json_set(object, "connected_trees", c->connected);
	json_set(object, "unmeasured", c->unmeasured);
	json_set(object, "unmeasured_tree_connects", c->unmeasured_trees);
	json_set(object, "summed_up_requests", c->summed_up);
	json_object_set_new(object, "problems", problems(r->snapshot));
	json_object_set_new(object, "time", wall_time(&r->time));
	json_object_set_new(object, "smb2_requests",
			    by_name(r->requests, BY_REQUEST));
	json_object_set_new(object, "pending",
			    by_name(r->pending, BY_REQUEST));
	json_object_set_new(object, "logon", by_name(r->logon, BY_REQUEST));
	json_object_set_new(object, "vfs_operations", by_name(r->ops, BY_OP));
	json_object_set_new(object, "layers",
			    report_json_table(r->layers, true));
	json_object_set_new(object, "between_layers",
			    between_layers(r->layer_costs));
	json_object_set_new(object, "tree", tree(r->tree->child));
	if (r->by_requests != NULL) {
		json_object_set_new(object, "smb2_requests_by",
				    report_json_table(r->by_requests, true));
	}
	if (r->by_pending != NULL) {
		json_object_set_new(object, "pending_by",
				    report_json_table(r->by_pending, true));
	}
	if (r->by_logon != NULL) {
		json_object_set_new(object, "logon_by",
				    report_json_table(r->by_logon, true));
	}
	if (r->by_ops != NULL) {
		json_object_set_new(object, "vfs_operations_by",
				    report_json_table(r->by_ops, true));
	}
	return object;
}

void report_json(const struct report *r, FILE *out, unsigned width)
{
	(void)width;
	json_print(report_json_object(r), out);
}
