/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "report.h"
#include "snapshot_relate.h"
#include "table_add.h"

/* The tables that --by asks for: those that know all of its dimensions. */
static bool by_new(struct report *r)
{
	unsigned by = r->options.by;
	bool request = (by & BY(BY_REQUEST)) != 0;
	bool op = (by & dimensions_of_ops()) != 0;

	if (by != 0 && !op) {
		r->by_requests = table_new(TABLE_REQUESTS, by);
		r->by_pending = table_new(TABLE_PENDING, by);
		r->by_logon = table_new(TABLE_LOGON, by | BY(BY_REQUEST));
		if (r->by_requests == NULL || r->by_pending == NULL ||
		    r->by_logon == NULL) {
			return false;
		}
	}
	if (by != 0 && (op || !request)) {
		r->by_ops = table_new(TABLE_OPS, by);
		return r->by_ops != NULL;
	}
	return true;
}

static bool ops_new(struct report *r)
{
	r->ops = table_new(TABLE_OPS, BY(BY_OP));
	r->layers = table_new(TABLE_OPS, BY(BY_LAYER) | BY(BY_OP));
	r->layer_costs = layer_costs_new();
	r->tree = context_tree_new();
	return r->ops != NULL && r->layers != NULL &&
		r->layer_costs != NULL && r->tree != NULL;
}

struct report *report_new(const struct report_options *options)
{
	struct report *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		return NULL;
	}
	r->options = *options;
	coverage_init(&r->coverage);
	r->requests = table_new(TABLE_REQUESTS, BY(BY_REQUEST));
	r->pending = table_new(TABLE_PENDING, BY(BY_REQUEST));
	r->logon = table_new(TABLE_LOGON, BY(BY_REQUEST));
	if (r->requests == NULL || r->pending == NULL || r->logon == NULL ||
	    !by_new(r) ||
	    (options->ops && !ops_new(r))) {
		report_free(r);
		return NULL;
	}
	return r;
}

void report_tables(const struct report *r, struct table *tables[REPORT_TABLES])
{
	tables[0] = r->requests;
	tables[1] = r->layers;
	tables[2] = r->by_requests;
	tables[3] = r->by_ops;
	tables[4] = r->ops;
	tables[5] = r->pending;
	tables[6] = r->by_pending;
	tables[7] = r->logon;
	tables[8] = r->by_logon;
}

bool report_add(struct report *r, const struct segment_image *image)
{
	const struct filter *filter = &r->options.filter;
	struct table *tables[REPORT_TABLES];
	unsigned i;

	coverage_add(&r->coverage, image, filter);
	report_tables(r, tables);
	for (i = 0; i < REPORT_TABLES; i++) {
		if (tables[i] != NULL && !table_add(tables[i], image, filter)) {
			return false;
		}
	}
	return r->tree == NULL ||
		(layer_costs_add(r->layer_costs, image, filter) &&
		 context_tree_add(r->tree, image, filter));
}

/* All images of a snapshot added up. */
static struct report *add_all(const struct report_options *options,
			      const struct snapshot *snapshot)
{
	struct report *r = report_new(options);
	unsigned i;

	for (i = 0; r != NULL && i < snapshot->image_count; i++) {
		if (!report_add(r, &snapshot->images[i])) {
			report_free(r);
			r = NULL;
		}
	}
	return r;
}

/* Since when, until when, and how much of it all the time was spent on. */
static void set_times(struct report *r, const struct snapshot *snapshot,
		      const struct snapshot *earlier)
{
	const struct filter *filter = &r->options.filter;
	enum open_end open_end = r->interval ? OPEN_KNOWN : OPEN_ALL;
	struct wall_time before;

	snapshot_wall_time(snapshot, filter, open_end, &r->time);
	r->until_realtime_ns = snapshot->taken_realtime_ns;
	r->since_realtime_ns = r->coverage.since_realtime_ns;
	if (earlier != NULL) {
		snapshot_wall_time(earlier, filter, open_end, &before);
		wall_time_subtract(&r->time, &before);
	}
	if (r->interval) {
		r->since_realtime_ns = earlier->taken_realtime_ns;
		r->running_for_ns = snapshot->taken_monotonic_ns -
			earlier->taken_monotonic_ns;
		return;
	}
	if (earlier != NULL) {
		r->since_realtime_ns = baseline_since(snapshot, earlier,
						      filter);
	}
	if (r->since_realtime_ns < r->until_realtime_ns) {
		r->running_for_ns = r->until_realtime_ns - r->since_realtime_ns;
	}
}

/* Takes away what had been counted before. */
static void subtract(struct report *r, struct report *before)
{
	struct table *now[REPORT_TABLES], *then[REPORT_TABLES];
	unsigned i;

	coverage_subtract(&r->coverage, &before->coverage);
	report_tables(r, now);
	report_tables(before, then);
	for (i = 0; i < REPORT_TABLES; i++) {
		if (now[i] != NULL) {
			table_subtract(now[i], then[i]);
		}
	}
	if (r->tree != NULL) {
		context_tree_finish(before->tree);
		context_tree_subtract(r->tree, before->tree);
		layer_costs_subtract(r->layer_costs, before->layer_costs);
	}
}

void report_finish_since(struct report *r, const struct snapshot *snapshot,
			 const struct snapshot *earlier, struct report *before)
{
	struct table *tables[REPORT_TABLES];
	unsigned i;

	r->snapshot = snapshot;
	r->interval = earlier != NULL && !earlier->baseline;
	if (r->tree != NULL) {
		context_tree_finish(r->tree);
	}
	if (before != NULL) {
		subtract(r, before);
	}
	if (r->layer_costs != NULL) {
		layer_costs_finish(r->layer_costs);
	}
	set_times(r, snapshot, earlier);
	report_tables(r, tables);
	for (i = 0; i < REPORT_TABLES; i++) {
		if (tables[i] != NULL) {
			table_sort(tables[i]);
		}
	}
}

bool report_finish(struct report *r, const struct snapshot *snapshot,
		   struct snapshot *earlier)
{
	struct report *before = NULL;

	if (earlier != NULL) {
		before = snapshot_relate(earlier, snapshot) ?
			add_all(&r->options, earlier) : NULL;
		if (before == NULL) {
			return false;
		}
	}
	report_finish_since(r, snapshot, earlier, before);
	report_free(before);
	return true;
}

struct report *report_make(const struct report_options *options,
			   const struct snapshot *snapshot,
			   struct snapshot *earlier)
{
	struct report *r = add_all(options, snapshot);

	if (r != NULL && !report_finish(r, snapshot, earlier)) {
		report_free(r);
		return NULL;
	}
	return r;
}

void report_free(struct report *r)
{
	if (r == NULL) {
		return;
	}
	table_free(r->requests);
	table_free(r->pending);
	table_free(r->ops);
	table_free(r->layers);
	table_free(r->by_requests);
	table_free(r->by_pending);
	table_free(r->logon);
	table_free(r->by_logon);
	table_free(r->by_ops);
	layer_costs_free(r->layer_costs);
	context_tree_free(r->tree);
	free(r);
}

/* The synchronous ops that are not nested in others. */
static uint64_t outermost(const struct context_node *n)
{
	uint64_t sum = 0;

	for (; n != NULL; n = n->next) {
		if (n->layer[0] == '\0') {
			sum += outermost(n->child);
		} else {
			sum += n->total_ns;
		}
	}
	return sum;
}

uint64_t report_vfs_ns(const struct report *r)
{
	return outermost(r->tree->child);
}
