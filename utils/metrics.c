/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "json_value.h"
#include "latency_config.h"
#include "metrics.h"
#include "segment_fold.h"
#include "snapshot_relate.h"
#include "table_add.h"

/*
 * The buckets of the metrics are octaves of ours, so that their counts are
 * exact: up to 512 ns, 1.024 us, ... 17.2 s, and above. (A duration of exactly
 * 2^n ns is counted one bucket higher than `le` says.)
 */
#define FIRST_OCTAVE 3u
#define LAST_OCTAVE 28u

struct metrics {
	struct filter filter;
	unsigned by;			/* what --by adds */
	struct metrics_keys *keys;
	struct coverage coverage;
	struct table *requests;
	struct table *ops_of_requests;
};

/* Where and how to print. */
struct printing {
	FILE *out;
	enum metrics_format format;
};

/* ------------------------ shares, users, clients ------------------------- */

/* Has this share a label of its own, now? */
static bool share_known(struct metrics_keys *keys, const char *share)
{
	struct metrics_share *more;
	unsigned i;

	for (i = 0; i < keys->shares; i++) {
		if (strcmp(keys->share[i].name, share) == 0) {
			return true;
		}
	}
	if (keys->shares >= keys->max_shares) {
		return false;
	}
	more = realloc(keys->share, (keys->shares + 1) * sizeof(*more));
	if (more == NULL) {
		return false;
	}
	keys->share = more;
	strcpy(more[keys->shares++].name, share);
	return true;
}

static bool known(const struct metrics_keys *keys, const char *share,
		  const char *user, const char *client)
{
	unsigned i;

	for (i = 0; i < keys->count; i++) {
		if (strcmp(keys->key[i].share, share) == 0 &&
		    strcmp(keys->key[i].user, user) == 0 &&
		    strcmp(keys->key[i].client, client) == 0) {
			return true;
		}
	}
	return false;
}

/* Gives the slot the user and client that its labels will have. */
static void rename_user(const struct metrics *m, struct latency_slot *slot)
{
	struct metrics_keys *keys = m->keys;
	const char *user = m->by & BY(BY_USER) ? slot->key.user : "";
	const char *client = m->by & BY(BY_CLIENT) ? slot->key.client : "";

	if (known(keys, slot->key.share, user, client)) {
		return;
	}
	if (keys->count < METRICS_KEYS) {
		strcpy(keys->key[keys->count].share, slot->key.share);
		strcpy(keys->key[keys->count].user, user);
		strcpy(keys->key[keys->count].client, client);
		keys->count++;
		return;
	}
	/* What the filter asks for must still be found. */
	if (m->by & BY(BY_USER) && m->filter.user == NULL) {
		strcpy(slot->key.user, DEPARTED_OTHERS);
	}
	if (m->by & BY(BY_CLIENT) && m->filter.client == NULL) {
		strcpy(slot->key.client, DEPARTED_OTHERS);
	}
}

static void rename_slot(const struct metrics *m, struct latency_slot *slot)
{
	if (m->filter.share == NULL &&
	    strcmp(slot->key.share, DEPARTED_OTHERS) != 0 &&
	    !share_known(m->keys, slot->key.share)) {
		strcpy(slot->key.share, DEPARTED_OTHERS);
	}
	if (m->by & (BY(BY_USER) | BY(BY_CLIENT))) {
		rename_user(m, slot);
	}
}

static void rename_slots(const struct metrics *m,
			 const struct snapshot *snapshot,
			 struct segment_image *image)
{
	uint32_t line = image->header->first_slot;

	if (m->by & (BY(BY_USER) | BY(BY_CLIENT))) {
		/* What the departed would not name is not named now either. */
		image_rekey(image, snapshot_departed(snapshot));
	}
	while (line != 0) {
		struct latency_slot *slot = (void *)(
			image->data + (size_t)line * LATENCY_LINE);

		if (filter_slot(&m->filter, slot)) {
			rename_slot(m, slot);
		}
		line = slot->next;
	}
}

void metrics_keys_free(struct metrics_keys *keys)
{
	free(keys->key);
	free(keys->share);
	memset(keys, 0, sizeof(*keys));
}

/* ------------------------------- the format ------------------------------ */

/*
 * The head of a metric family. Counters are named without _total here; unit
 * is the last part of the name, or NULL.
 */
static void print_family(const struct printing *p, const char *name,
			 const char *type, const char *unit, const char *help)
{
	const char *suffix = p->format == METRICS_PROMETHEUS &&
		strcmp(type, "counter") == 0 ? "_total" : "";

	fprintf(p->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix,
		help, name, suffix, type);
	if (unit != NULL && p->format == METRICS_OPENMETRICS) {
		fprintf(p->out, "# UNIT %s %s\n", name, unit);
	}
}

/* A label's value: as in JSON, quoted in the way of this format. */
static void print_label(const struct printing *p, const char *name,
			const char *value, bool first)
{
	json_t *text = json_text(value);
	const char *c;

	fprintf(p->out, "%s%s=\"", first ? "" : ",", name);
	for (c = json_string_value(text); *c != '\0'; c++) {
		if (*c == '\n') {
			fputs("\\n", p->out);
		} else {
			if (*c == '"' || *c == '\\') {
				fputc('\\', p->out);
			}
			fputc(*c, p->out);
		}
	}
	fputc('"', p->out);
	json_decref(text);
}

/* The labels of a group, without braces. Returns false if there are none. */
static bool print_labels(const struct printing *p, const struct table *table,
			 const struct group *g)
{
	bool first = true;
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		if (table_by(table) & BY(d)) {
			print_label(p, dimension_name(d), group_name(g, d), first);
			first = false;
		}
	}
	return !first;
}

static void print_seconds(const struct printing *p, uint64_t ns)
{
	fprintf(p->out, "%" PRIu64 ".%09" PRIu64 "\n", ns / 1000000000u,
		ns % 1000000000u);
}

/* A family without labels, of one value. */
static void print_single(const struct printing *p, const char *name,
			 const char *type, uint64_t value, const char *help)
{
	print_family(p, name, type, NULL, help);
	fprintf(p->out, "%s%s %" PRIu64 "\n", name,
		strcmp(type, "counter") == 0 ? "_total" : "", value);
}

/* -------------------------------- tables --------------------------------- */

static void print_histogram(const struct printing *p, const char *name,
			    const struct table *table, const struct group *g)
{
	uint64_t below = 0;
	unsigned octave, i;

	for (octave = 0; octave <= LAST_OCTAVE; octave++) {
		for (i = 0; i < HIST_SUB; i++) {
			below += g->sum.histogram[octave * HIST_SUB + i];
		}
		if (octave < FIRST_OCTAVE) {
			continue;
		}
		fprintf(p->out, "%s_bucket{", name);
		print_labels(p, table, g);
		fprintf(p->out, ",le=\"%.12g\"} %" PRIu64 "\n",
			(double)hist_lower((octave + 1) * HIST_SUB) / 1e9,
			below);
	}
	fprintf(p->out, "%s_bucket{", name);
	print_labels(p, table, g);
	fprintf(p->out, ",le=\"+Inf\"} %" PRIu64 "\n%s_sum{", g->sum.count,
		name);
	print_labels(p, table, g);
	fprintf(p->out, "} ");
	print_seconds(p, g->sum.total_ns);
	fprintf(p->out, "%s_count{", name);
	print_labels(p, table, g);
	fprintf(p->out, "} %" PRIu64 "\n", g->sum.count);
}

static void print_histograms(const struct printing *p, const char *name,
			     const struct table *table, const char *help)
{
	unsigned i;

	print_family(p, name, "histogram", "seconds", help);
	for (i = 0; i < table_count(table); i++) {
		print_histogram(p, name, table, table_at(table, i));
	}
}

static uint64_t errors(const struct group *g)
{
	return g->sum.errors;
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
static void print_counters(const struct printing *p, const char *name,
			   const char *unit, const struct table *table,
			   uint64_t (*value)(const struct group *g),
			   bool with_zero, const char *help)
{
	unsigned i;

	print_family(p, name, "counter", unit, help);
	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);

		if (!with_zero && value(g) == 0) {
			continue;
		}
		fprintf(p->out, "%s_total{", name);
		print_labels(p, table, g);
		fputs("} ", p->out);
		if (value == self_ns) {
			print_seconds(p, value(g));
		} else {
			fprintf(p->out, "%" PRIu64 "\n", value(g));
		}
	}
}

static void print_ops(const struct printing *p, const struct table *table)
{
	print_histograms(p, "smblatency_vfs_operation_duration_seconds", table,
			 "Duration of VFS operations, entry to return or send "
			 "to completion.");
	print_counters(p, "smblatency_vfs_operation_self_seconds", "seconds",
		       table, self_ns, true, "Time in VFS operations without "
		       "that of operations below them.");
	print_counters(p, "smblatency_vfs_operation_errors", NULL, table,
		       errors, true, "VFS operations that failed.");
	print_counters(p, "smblatency_vfs_operation_bytes", "bytes", table,
		       bytes, false, "Bytes read or written by VFS "
		       "operations.");
	print_counters(p, "smblatency_vfs_operations_untimed", NULL, table,
		       untimed, false, "VFS operations that latency:exempt "
		       "keeps from being timed.");
}

static void print_requests(const struct printing *p, const struct table *table)
{
	print_histograms(p, "smblatency_smb2_request_duration_seconds", table,
			 "Duration of SMB2 requests, arrival to reply.");
	print_counters(p, "smblatency_smb2_request_errors", NULL, table,
		       errors, true, "SMB2 requests that failed.");
}

static void print_ops_of_requests(const struct printing *p,
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

static void print_times(const struct printing *p, const struct wall_time *t)
{
	const struct { const char *activity; uint64_t ns; } times[] = {
#define WALL_PART(name, label, brief, doc) { #name, t->name##_ns },
#include "latency_wall.h"
	};
	unsigned i;

	print_family(p, "smblatency_time_seconds", "counter", "seconds",
		     "Wall clock time of smbd processes by what they did.");
	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		fprintf(p->out, "smblatency_time_seconds_total{activity=\"%s\"}"
			" ", times[i].activity);
		print_seconds(p, times[i].ns);
	}
	print_family(p, "smblatency_cpu_seconds", "counter", "seconds",
		     "CPU time of smbd processes.");
#define WALL_CPU(name, label, mode, doc) \
	fputs("smblatency_cpu_seconds_total{mode=\"" mode "\"} ", p->out); \
	print_seconds(p, t->name##_ns);
#include "latency_wall.h"
	print_single(p, "smblatency_event_loop_turns", "counter", t->turns,
		     "Turns of smbd's event loop.");
}

static void print_coverage(const struct printing *p,
			   const struct snapshot *snapshot,
			   const struct coverage *c)
{
	print_family(p, "smblatency_build_info", "gauge", NULL,
		     "Versions of the exporter and of the smbd measured.");
	fputs("smblatency_build_info{", p->out);
	print_label(p, "version", LATENCY_VERSION, true);
	print_label(p, "samba_version", c->samba_version, false);
	fputs("} 1\n", p->out);
	if (c->since_realtime_ns != UINT64_MAX) {
		print_family(p, "smblatency_start_time_seconds", "gauge",
			     "seconds", "Since when it counts, in seconds "
			     "since 1970.");
		fputs("smblatency_start_time_seconds ", p->out);
		print_seconds(p, c->since_realtime_ns);
	}
	print_single(p, "smblatency_processes", "gauge", c->processes,
		     "Measured smbd processes now.");
	print_single(p, "smblatency_departed_processes", "counter",
		     c->departed, "Measured smbd processes that have ended.");
	print_single(p, "smblatency_tree_connections", "gauge", c->connected,
		     "Tree connects now.");
	print_single(p, "smblatency_tree_connects", "counter",
		     c->tree_connects, "Tree connects made.");
	print_single(p, "smblatency_unmeasured_operations", "counter",
		     c->unmeasured, "Operations not counted for lack of room.");
	print_single(p, "smblatency_unmeasured_tree_connects", "counter",
		     c->unmeasured_trees,
		     "Tree connects not measured for lack of room.");
	print_single(p, "smblatency_unreadable_segments", "gauge",
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

	if (m == NULL) {
		return NULL;
	}
	if (keys->key == NULL) {
		keys->key = calloc(METRICS_KEYS, sizeof(*keys->key));
	}
	m->filter = options->filter;
	m->by = options->by;
	m->keys = keys;
	coverage_init(&m->coverage);
	m->requests = table_new(TABLE_REQUESTS, BY(BY_REQUEST) |
				(ops_by(m) & ~dimensions_of_ops()));
	m->ops_of_requests = table_new(TABLE_OPS, BY(BY_REQUEST) | ops_by(m));
	if (keys->key == NULL || m->requests == NULL ||
	    m->ops_of_requests == NULL) {
		metrics_free(m);
		return NULL;
	}
	return m;
}

bool metrics_add(const struct snapshot *snapshot, struct segment_image *image,
		 void *private_data)
{
	struct metrics *m = private_data;

	rename_slots(m, snapshot, image);
	coverage_add(&m->coverage, image, &m->filter);
	return table_add(m->requests, image, &m->filter) &&
		table_add(m->ops_of_requests, image, &m->filter);
}

bool metrics_print(struct metrics *m, const struct snapshot *snapshot,
		   enum metrics_format format, FILE *out)
{
	const struct printing p = { out, format };
	struct table *ops = table_regroup(m->ops_of_requests, ops_by(m));
	struct wall_time time;

	if (ops == NULL) {
		return false;
	}
	table_sort(m->requests);
	table_sort(m->ops_of_requests);
	table_sort(ops);
	snapshot_wall_time(snapshot, &m->filter, OPEN_NOTHING, &time);
	print_coverage(&p, snapshot, &m->coverage);
	print_times(&p, &time);
	print_requests(&p, m->requests);
	print_ops(&p, ops);
	print_ops_of_requests(&p, m->ops_of_requests);
	if (format == METRICS_OPENMETRICS) {
		fputs("# EOF\n", out);
	}
	table_free(ops);
	return !ferror(out);
}

void metrics_free(struct metrics *m)
{
	if (m == NULL) {
		return;
	}
	table_free(m->requests);
	table_free(m->ops_of_requests);
	free(m);
}
