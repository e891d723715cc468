/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "report_sum.h"

bool report_sum_init(struct report_sum *sum,
		     const struct report_options *options)
{
	struct report *r = &sum->report;

	memset(sum, 0, sizeof(*sum));
	r->options = *options;
	r->options.by = 0;
	r->interval = true;
	r->since_realtime_ns = UINT64_MAX;
	r->snapshot = &sum->snapshot;
	r->requests = table_new(TABLE_REQUESTS, BY(BY_REQUEST));
	r->pending = table_new(TABLE_PENDING, BY(BY_REQUEST));
	r->logon = table_new(TABLE_LOGON, BY(BY_REQUEST));
	r->ops = table_new(TABLE_OPS, BY(BY_OP));
	r->layers = table_new(TABLE_OPS, BY(BY_LAYER) | BY(BY_OP));
	r->layer_costs = layer_costs_new();
	r->tree = context_tree_new();
	return r->requests != NULL && r->pending != NULL && r->logon != NULL &&
		r->ops != NULL && r->layers != NULL && r->layer_costs != NULL &&
		r->tree != NULL;
}

void report_sum_finish(struct report_sum *sum)
{
	struct report *r = &sum->report;

	r->coverage.since_realtime_ns = r->since_realtime_ns;
	if (r->since_realtime_ns < r->until_realtime_ns) {
		r->running_for_ns = r->until_realtime_ns - r->since_realtime_ns;
	}
	table_sort(r->requests);
	table_sort(r->pending);
	table_sort(r->logon);
	table_sort(r->ops);
	table_sort(r->layers);
	layer_costs_finish(r->layer_costs);
	if (r->by_requests != NULL) {
		table_sort(r->by_requests);
		r->options.by |= table_by(r->by_requests);
	}
	if (r->by_pending != NULL) {
		table_sort(r->by_pending);
	}
	if (r->by_logon != NULL) {
		table_sort(r->by_logon);
	}
	if (r->by_ops != NULL) {
		table_sort(r->by_ops);
		r->options.by |= table_by(r->by_ops);
	}
	context_tree_finish(r->tree);
}

void report_sum_free(struct report_sum *sum)
{
	struct report *r = &sum->report;

	table_free(r->requests);
	table_free(r->pending);
	table_free(r->by_pending);
	table_free(r->logon);
	table_free(r->by_logon);
	table_free(r->ops);
	table_free(r->layers);
	layer_costs_free(r->layer_costs);
	table_free(r->by_requests);
	table_free(r->by_ops);
	if (r->tree != NULL) {
		context_tree_free(r->tree);
	}
	free(sum->snapshot.problems);
}
