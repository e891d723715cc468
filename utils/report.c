/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "report.h"
#include "snapshot_relate.h"

/* What a table with this source is made of, in this report. */
static struct table *make_table(const struct report *r,
				const struct snapshot *snapshot,
				const struct snapshot *earlier,
				enum table_source source, unsigned by)
{
	const struct filter *filter = &r->options.filter;
	struct table *table = table_make(snapshot, filter, source, by);
	struct table *before;

	if (table == NULL || earlier == NULL) {
		goto out;
	}
	before = table_make(earlier, filter, source, by);
	if (before == NULL) {
		table_free(table);
		return NULL;
	}
	table_subtract(table, before);
	table_free(before);
out:
	if (table != NULL) {
		table_sort(table);
	}
	return table;
}

static bool make_tree(struct report *r, const struct snapshot *snapshot,
		      const struct snapshot *earlier)
{
	struct context_node *before;

	r->tree = context_tree_make(snapshot, &r->options.filter);
	if (r->tree == NULL || earlier == NULL) {
		return r->tree != NULL;
	}
	before = context_tree_make(earlier, &r->options.filter);
	if (before == NULL) {
		return false;
	}
	context_tree_subtract(r->tree, before);
	context_tree_free(before);
	return true;
}

/* The tables that --by asks for: those that know all of its dimensions. */
static bool make_by(struct report *r, const struct snapshot *snapshot,
		    const struct snapshot *earlier)
{
	unsigned by = r->options.by;
	bool request = (by & BY(BY_REQUEST)) != 0;
	bool op = (by & (BY(BY_OP) | BY(BY_LAYER))) != 0;

	if (by == 0) {
		return true;
	}
	if (!op) {
		r->by_requests = make_table(r, snapshot, earlier,
					    TABLE_REQUESTS, by);
		if (r->by_requests == NULL) {
			return false;
		}
	}
	if (op || !request) {
		r->by_ops = make_table(r, snapshot, earlier, TABLE_OPS, by);
		return r->by_ops != NULL;
	}
	return true;
}

/* Since when, until when, and how much of it all the time was spent on. */
static void set_times(struct report *r, const struct snapshot *snapshot,
		      const struct snapshot *earlier)
{
	const struct filter *filter = &r->options.filter;
	struct coverage covered;
	struct wall_time before;

	snapshot_coverage(snapshot, filter, &r->coverage);
	snapshot_wall_time(snapshot, filter, &r->time);
	r->until_realtime_ns = snapshot->taken_realtime_ns;
	r->since_realtime_ns = r->coverage.since_realtime_ns;
	if (earlier != NULL) {
		snapshot_coverage(earlier, filter, &covered);
		coverage_subtract(&r->coverage, &covered);
		snapshot_wall_time(earlier, filter, &before);
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

struct report *report_make(const struct report_options *options,
			   const struct snapshot *snapshot,
			   struct snapshot *earlier)
{
	struct report *r = calloc(1, sizeof(*r));

	if (r == NULL) {
		return NULL;
	}
	r->options = *options;
	r->snapshot = snapshot;
	r->interval = earlier != NULL && !earlier->baseline;
	if (earlier != NULL && !snapshot_relate(earlier, snapshot)) {
		free(r);
		return NULL;
	}
	set_times(r, snapshot, earlier);
	r->requests = make_table(r, snapshot, earlier, TABLE_REQUESTS,
				 BY(BY_REQUEST));
	r->layers = make_table(r, snapshot, earlier, TABLE_OPS,
			       BY(BY_LAYER) | BY(BY_OP));
	if (r->layers != NULL) {
		r->ops = table_regroup(r->layers, BY(BY_OP));
	}
	if (r->requests == NULL || r->ops == NULL || r->layers == NULL ||
	    !make_by(r, snapshot, earlier) ||
	    !make_tree(r, snapshot, earlier)) {
		report_free(r);
		return NULL;
	}
	table_sort(r->ops);
	return r;
}

void report_free(struct report *r)
{
	if (r == NULL) {
		return;
	}
	table_free(r->requests);
	table_free(r->ops);
	table_free(r->layers);
	table_free(r->by_requests);
	table_free(r->by_ops);
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
