/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "latency_config.h"
#include "metrics.h"
#include "metrics_connections.h"
#include "metrics_in_flight.h"
#include "table_add.h"

/*
 * Of the octaves below FIRST_OCTAVE the first bucket is the sum, of those above
 * LAST_OCTAVE the last one: at one bucket an octave up to 512 ns, 1.024 us, ...
 * 17.2 s, and above. (A duration of exactly a bound is counted one bucket
 * higher than `le` says.)
 */
#define FIRST_OCTAVE 3u
#define LAST_OCTAVE 28u

struct metrics {
	struct filter filter;
	unsigned by;			/* what --by adds */
	struct metrics_keys *keys;
	struct coverage coverage;
	struct table *requests;
	struct table *pending;
	struct table *logon;
	struct connection_totals transport;
	uint64_t open;			/* connections */
	struct table *ops_of_requests;
};

/* -------------------------------- tables --------------------------------- */

/* The labels of a group, without braces. Returns false if there are none. */
static bool print_labels(const struct metrics_out *p, const struct table *table,
			 const struct group *g)
{
	bool first = true;
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		if (table_by(table) & BY(d)) {
			metrics_label(p, dimension_name(d), group_name(g, d),
				      first);
			first = false;
		}
	}
	return !first;
}

/* Is the upper bound of this bucket of ours one of theirs? Not +Inf. */
static bool is_bound(unsigned bucket, unsigned resolution)
{
	unsigned octave = bucket / HIST_SUB;

	if (bucket + 1 == HIST_BUCKETS ||
	    (bucket + 1) % (HIST_SUB / resolution) != 0) {
		return false;
	}
	return resolution == HIST_SUB ||
		(octave >= FIRST_OCTAVE && octave <= LAST_OCTAVE);
}

static void print_histogram(const struct metrics_out *p, const char *name,
			    const struct table *table, const struct group *g)
{
	uint64_t below = 0;
	unsigned i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		below += g->sum.histogram[i];
		if (!is_bound(i, p->resolution)) {
			continue;
		}
		fprintf(p->out, "%s_bucket{", name);
		print_labels(p, table, g);
		fprintf(p->out, ",le=\"%.12g\"} %" PRIu64 "\n",
			(double)hist_upper(i) / 1e9, below);
	}
	fprintf(p->out, "%s_bucket{", name);
	print_labels(p, table, g);
	fprintf(p->out, ",le=\"+Inf\"} %" PRIu64 "\n%s_sum{", g->sum.count,
		name);
	print_labels(p, table, g);
	fprintf(p->out, "} ");
	metrics_seconds(p, g->sum.total_ns);
	fprintf(p->out, "%s_count{", name);
	print_labels(p, table, g);
	fprintf(p->out, "} %" PRIu64 "\n", g->sum.count);
}

static void print_histograms(const struct metrics_out *p, const char *name,
			     const struct table *table, const char *help)
{
	unsigned i;

	metrics_family(p, name, "histogram", "seconds", help);
	for (i = 0; i < table_count(table); i++) {
		print_histogram(p, name, table, table_at(table, i));
	}
}

static uint64_t failures(const struct group *g)
{
	return group_failures(g);
}

static uint64_t bytes(const struct group *g)
{
	return g->sum.bytes;
}

static uint64_t untimed(const struct group *g)
{
	return g->sum.untimed;
}

static uint64_t calls(const struct group *g)
{
	return g->sum.count + g->sum.untimed;
}

static uint64_t self_ns(const struct group *g)
{
	return g->self_ns;
}

/* A counter for each group; with_zero: also where it is 0. */
static void print_counters(const struct metrics_out *p, const char *name,
			   const char *unit, const struct table *table,
			   uint64_t (*value)(const struct group *g),
			   bool with_zero, const char *help)
{
	unsigned i;

	metrics_family(p, name, "counter", unit, help);
	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);

		if (!with_zero && value(g) == 0) {
			continue;
		}
		fprintf(p->out, "%s_total{", name);
		print_labels(p, table, g);
		fputs("} ", p->out);
		if (value == self_ns) {
			metrics_seconds(p, value(g));
		} else {
			fprintf(p->out, "%" PRIu64 "\n", value(g));
		}
	}
}

static void print_ops(const struct metrics_out *p, const struct table *table)
{
	print_histograms(p, "smblatency_vfs_operation_duration_seconds", table,
			 "Duration of VFS operations, entry to return or send "
			 "to completion.");
	print_counters(p, "smblatency_vfs_operation_self_seconds", "seconds",
		       table, self_ns, true, "Time in VFS operations without "
		       "that of operations below them.");
	print_counters(p, "smblatency_vfs_operation_errors", NULL, table,
		       failures, true, "VFS operations that failed.");
	print_counters(p, "smblatency_vfs_operation_bytes", "bytes", table,
		       bytes, false, "Bytes read or written by VFS "
		       "operations.");
	print_counters(p, "smblatency_vfs_operations_untimed", NULL, table,
		       untimed, false, "VFS operations that latency:exempt "
		       "keeps from being timed.");
}

static void print_requests(const struct metrics_out *p,
			   const struct table *table)
{
	print_histograms(p, "smblatency_smb2_request_duration_seconds", table,
			 "Duration of SMB2 requests, arrival to reply.");
	print_counters(p, "smblatency_smb2_request_errors", NULL, table,
		       failures, true, "SMB2 requests that failed.");
}

static void print_pending(const struct metrics_out *p,
			  const struct table *table)
{
	print_histograms(p, "smblatency_smb2_request_pending_seconds", table,
			 "Of the duration of SMB2 requests, the time in which "
			 "nobody worked on them.");
}

static void print_logon(const struct metrics_out *p,
			const struct table *table)
{
	print_histograms(p, "smblatency_logon_seconds", table,
			 "Steps of logging on: from TCP connect to the "
			 "session being set up, to the first tree connect; "
			 "and each tree connect, arrival to reply.");
}

static void print_ops_of_requests(const struct metrics_out *p,
				  const struct table *table)
{
	print_counters(p, "smblatency_request_vfs_operations", NULL, table,
		       calls, true, "VFS operations by the SMB2 request that "
		       "they were made for.");
	print_counters(p, "smblatency_request_vfs_self_seconds", "seconds",
		       table, self_ns, true, "Time in VFS operations, without "
		       "that of operations below them, by SMB2 request.");
}

/* ------------------------------ the process ------------------------------ */

static void print_times(const struct metrics_out *p, const struct wall_time *t)
{
	const struct { const char *activity; uint64_t ns; } times[] = {
#define WALL_PART(name, label, brief, doc) { #name, t->name##_ns },
#include "latency_wall.h"
	};
	unsigned i;

	metrics_family(p, "smblatency_time_seconds", "counter", "seconds",
		       "Wall clock time of smbd processes by what they did.");
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		fprintf(p->out, "smblatency_time_seconds_total{activity=\"%s\"}"
			" ", times[i].activity);
		metrics_seconds(p, times[i].ns);
	}
	metrics_family(p, "smblatency_cpu_seconds", "counter", "seconds",
		       "CPU time of smbd processes.");
#define WALL_CPU(name, label, mode, doc) \
	fputs("smblatency_cpu_seconds_total{mode=\"" mode "\"} ", p->out); \
	metrics_seconds(p, t->name##_ns);
#include "latency_wall.h"
	metrics_family(p, "smblatency_main_thread_seconds", "counter",
		       "seconds", "What the main threads of smbd processes "
		       "were doing, apart from waiting for requests.");
#define WALL_WORK(name, label, state, doc) \
	fputs("smblatency_main_thread_seconds_total{state=\"" state "\"} ", \
	      p->out); \
	metrics_seconds(p, t->name##_ns);
#define WALL_COUNT(name, label, doc) \
	metrics_single(p, "smblatency_" #name, "counter", t->name, doc);
#include "latency_wall.h"
	metrics_single(p, "smblatency_event_loop_turns", "counter", t->turns,
		       "Turns of smbd's event loop.");
}

static void print_coverage(const struct metrics_out *p,
			   const struct snapshot *snapshot,
			   const struct coverage *c)
{
	metrics_family(p, "smblatency_build_info", "gauge", NULL,
		       "Versions of the exporter and of the smbd measured.");
	fputs("smblatency_build_info{", p->out);
	metrics_label(p, "version", LATENCY_VERSION, true);
	metrics_label(p, "samba_version", c->samba_version, false);
	fputs("} 1\n", p->out);
	if (c->since_realtime_ns != UINT64_MAX) {
		metrics_family(p, "smblatency_start_time_seconds", "gauge",
			       "seconds", "When counting began, in seconds "
			       "since 1970.");
		fputs("smblatency_start_time_seconds ", p->out);
		metrics_seconds(p, c->since_realtime_ns);
	}
	metrics_single(p, "smblatency_processes", "gauge", c->processes,
		       "Measured smbd processes now.");
	metrics_single(p, "smblatency_departed_processes", "counter",
		       c->departed, "Measured smbd processes that have ended.");
	metrics_single(p, "smblatency_tree_connections", "gauge", c->connected,
		       "Tree connects now.");
	metrics_single(p, "smblatency_tree_connects", "counter",
		       c->tree_connects, "Tree connects made.");
	metrics_single(p, "smblatency_unmeasured_operations", "counter",
		       c->unmeasured,
		       "Operations not counted for lack of room.");
	metrics_single(p, "smblatency_unmeasured_tree_connects", "counter",
		       c->unmeasured_trees,
		       "Tree connects not measured for lack of room.");
	metrics_single(p, "smblatency_unreadable_segments", "gauge",
		       snapshot->problem_count,
		       "Segments that could not be read now.");
}

/* --------------------------------- whole --------------------------------- */

/* The dimensions of ops: --by can add the request to them. */
static unsigned ops_by(const struct metrics *m)
{
	return BY(BY_SHARE) | BY(BY_LAYER) | BY(BY_OP) |
		(m->by & dimensions_with_label());
}

struct metrics *metrics_new(const struct report_options *options,
			    struct metrics_keys *keys)
{
	struct metrics *m = calloc(1, sizeof(*m));
	unsigned by;

	if (m == NULL) {
		return NULL;
	}
	m->filter = options->filter;
	m->by = options->by;
	m->keys = keys;
	coverage_init(&m->coverage);
	by = BY(BY_REQUEST) | (ops_by(m) & ~dimensions_of_ops());
	m->requests = table_new(TABLE_REQUESTS, by);
	m->pending = table_new(TABLE_PENDING, by);
	m->logon = table_new(TABLE_LOGON, by);
	m->ops_of_requests = table_new(TABLE_OPS, BY(BY_REQUEST) | ops_by(m));
	if (!metrics_keys_init(keys) || m->requests == NULL ||
	    m->pending == NULL || m->logon == NULL ||
	    m->ops_of_requests == NULL) {
		metrics_free(m);
		return NULL;
	}
	return m;
}

static bool add(struct metrics *m, const struct snapshot *snapshot,
		struct segment_image *image)
{
	metrics_keys_rename(m->keys, &m->filter, m->by, snapshot, image);
	coverage_add(&m->coverage, image, &m->filter);
	m->open += connection_totals_add(&m->transport, image, &m->filter);
	return table_add(m->requests, image, &m->filter) &&
		table_add(m->pending, image, &m->filter) &&
		table_add(m->logon, image, &m->filter) &&
		table_add(m->ops_of_requests, image, &m->filter);
}

bool metrics_add(const struct snapshot *snapshot, struct segment_image *image,
		 void *private_data)
{
	struct metrics *m = private_data;
	struct segment_image copy;
	bool ok;

	if (image->header->kind != LATENCY_KIND_DEPARTED) {
		return add(m, snapshot, image);
	}
	/* By their keys those of the processes are named. */
	if (!segment_image_copy(image, &copy)) {
		return false;
	}
	ok = add(m, snapshot, &copy);
	segment_image_free(&copy);
	return ok;
}

bool metrics_resolution(unsigned buckets)
{
	return buckets != 0 && HIST_SUB % buckets == 0;
}

bool metrics_print(struct metrics *m, const struct snapshot *snapshot,
		   const struct in_flight_list *in_flight,
		   const struct metrics_out *p)
{
	struct table *ops = table_regroup(m->ops_of_requests, ops_by(m));
	struct wall_time time;

	if (ops == NULL) {
		return false;
	}
	table_sort(m->requests);
	table_sort(m->pending);
	table_sort(m->logon);
	table_sort(m->ops_of_requests);
	table_sort(ops);
	snapshot_wall_time(snapshot, &m->filter, OPEN_NOTHING, &time);
	print_coverage(p, snapshot, &m->coverage);
	print_times(p, &time);
	print_requests(p, m->requests);
	print_pending(p, m->pending);
	print_logon(p, m->logon);
	metrics_connections(p, &m->transport, m->open);
	print_ops(p, ops);
	print_ops_of_requests(p, m->ops_of_requests);
	if (in_flight != NULL) {
		metrics_in_flight(p, in_flight);
	}
	if (p->format == METRICS_OPENMETRICS) {
		fputs("# EOF\n", p->out);
	}
	table_free(ops);
	return !ferror(p->out);
}

void metrics_free(struct metrics *m)
{
	if (m == NULL) {
		return;
	}
	table_free(m->requests);
	table_free(m->pending);
	table_free(m->logon);
	table_free(m->ops_of_requests);
	free(m);
}
