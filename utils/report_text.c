/*
 * The report for people, in the form of tsmbd's of 2017.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "columns.h"
#include "escape.h"
#include "key_columns.h"
#include "report.h"
#include "report_by.h"
#include "views.h"

#define LABEL 34
#define NAME_MIN 23		/* SMB2_OP_QUERY_DIRECTORY */
#define NAME_SHORT 13

static void print_time(FILE *out, uint64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000u);
	char text[64];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &tm);
	fputs(text, out);
}

/* ------------------------------- heading --------------------------------- */

static const char *plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static void print_only(const char *what, const char *name, FILE *out)
{
	char *escaped = name != NULL ? escape_text(name) : NULL;

	if (escaped != NULL) {
		text_cut(escaped, 66);
		fprintf(out, "Only %s %s\n", what, escaped);
		free(escaped);
	}
}

static void print_filter(const struct filter *f, FILE *out)
{
	print_only("share", f->share, out);
	print_only("user", f->user, out);
	print_only("client", f->client, out);
	if (f->pid != 0) {
		fprintf(out, "Only process %d\n", (int)f->pid);
	}
}

static void print_heading(const struct report *r, FILE *out)
{
	const struct coverage *c = &r->coverage;

	if (r->interval) {
		fprintf(out, "From ");
		print_time(out, r->since_realtime_ns);
		fprintf(out, " to ");
		print_time(out, r->until_realtime_ns);
	} else {
		fprintf(out, "Counting since ");
		print_time(out, r->since_realtime_ns);
		fprintf(out, ", until ");
		print_time(out, r->until_realtime_ns);
	}
	fprintf(out, "\n%u smbd process%s now, %" PRIu64 " departed; "
		"Samba %.30s\n%u tree connect%s now, %" PRIu64 " %s\n",
		c->processes, c->processes == 1 ? "" : "es", c->departed,
		c->samba_version, c->connected, plural(c->connected),
		c->tree_connects, r->interval ? "made" : "in all");
	print_filter(&r->options.filter, out);
	if (c->unmeasured != 0) {
		fprintf(out, "Not counted for lack of room: %" PRIu64
			" operations\n", c->unmeasured);
	}
	if (c->unmeasured_trees != 0) {
		fprintf(out, "Not measured for lack of room: %" PRIu64
			" tree connect%s\n", c->unmeasured_trees,
			plural(c->unmeasured_trees));
	}
	if (c->summed_up != 0) {
		fprintf(out, "Not known whose, and left out: %" PRIu64
			" requests of (others)\n", c->summed_up);
	}
}

/* ------------------------------ wall clock ------------------------------- */

static void print_ms(FILE *out, const char *label, uint64_t ns, uint64_t of_ns)
{
	fprintf(out, "%-*s %12.0f ms", LABEL, label, (double)ns / 1e6);
	if (of_ns != 0) {
		fprintf(out, " %6.1f %%", 100.0 * (double)ns / (double)of_ns);
	}
	fputc('\n', out);
}

static void print_wall_time(const struct report *r, FILE *out)
{
	const struct wall_time *t = &r->time;
	uint64_t requests = 0;
	unsigned i;

	for (i = 0; i < table_count(r->requests); i++) {
		requests += table_at(r->requests, i)->sum.count;
	}
	fputc('\n', out);
	print_ms(out, "Ran for:", r->running_for_ns, 0);
	fputc('\n', out);
#define WALL_PART(name, label, brief, doc) \
	print_ms(out, label, t->name##_ns, t->wall_ns);
#include "latency_wall.h"
	/* What is shown as 0 ms is there most of the time: see wall_time.c. */
	if (t->under_way_ns >= 500000) {
		print_ms(out, "Time under way, not yet known:",
			 t->under_way_ns, t->wall_ns);
	}
	fprintf(out, "==========================================="
		"==============\n");
	print_ms(out, "Time sum (connected processes):", t->wall_ns,
		 t->wall_ns);
	fputc('\n', out);
#define WALL_CPU(name, label, mode, doc) \
	print_ms(out, label, t->name##_ns, t->wall_ns);
#define WALL_WORK(name, label, state, doc) \
	print_ms(out, label, t->name##_ns, t->wall_ns);
#define WALL_COUNT(name, label, doc) \
	fprintf(out, "%-*s %12" PRIu64 "\n", LABEL, label, t->name);
#include "latency_wall.h"
	fprintf(out, "%-*s %12" PRIu64 "\n", LABEL,
		"Number of event-loop turns:", t->turns);
	fprintf(out, "%-*s %12" PRIu64 "\n", LABEL, "Number of SMB2 requests:",
		requests);
}

/* -------------------------------- tables --------------------------------- */

/* Widths of the columns, each with the blank before it. */
struct layout {
	unsigned name;
	unsigned count;
	unsigned errors;
	unsigned total;
	unsigned value;
};

static struct layout layout_for(unsigned width)
{
	static const struct layout narrow = { NAME_MIN, 7, 6, 8, 6 };
	static const struct layout wide = { NAME_MIN + 4, 11, 9, 14, 9 };
	struct layout l = width >= 115 ? wide : narrow;

	if (width < 80) {
		l.name = less(NAME_MIN, 80 - width, NAME_SHORT);
	}
	return l;
}

static void print_count(FILE *out, uint64_t value, unsigned width)
{
	char cell[CELL];

	fprintf(out, " %*s", (int)width - 1,
		cell_count(cell, value, width - 1));
}

static void print_us(FILE *out, uint64_t ns, unsigned width)
{
	char cell[CELL];

	fprintf(out, " %*s", (int)width - 1, cell_us(cell, ns, width - 1));
}

/* A latency that only a timed call has. */
static void print_latency(FILE *out, const struct row_sum *sum, uint64_t ns,
			  unsigned width)
{
	if (sum->count == 0) {
		fprintf(out, " %*s", (int)width - 1, "-");
	} else {
		print_us(out, ns, width);
	}
}

static void print_row(FILE *out, const struct layout *l, const char *name,
		      const struct group *g)
{
	const struct row_sum *sum = &g->sum;

	print_name(out, l->name < NAME_MIN ? short_request(name) : name,
		   l->name);
	print_count(out, sum->count + sum->untimed, l->count);
	print_count(out, group_failures(g), l->errors);
	print_us(out, sum->total_ns, l->total);
	print_latency(out, sum, row_sum_avg(sum), l->value);
	print_latency(out, sum, sum->min_ns, l->value);
	print_latency(out, sum, row_sum_percentile(sum, 500), l->value);
	print_latency(out, sum, row_sum_percentile(sum, 950), l->value);
	print_latency(out, sum, row_sum_percentile(sum, 990), l->value);
	print_latency(out, sum, sum->max_ns, l->value);
	fputc('\n', out);
}

static void print_table(const struct table *table, enum dimension key,
			const char *title, FILE *out, unsigned width)
{
	struct layout l = layout_for(width);
	unsigned i;

	fputc('\n', out);
	print_name(out, title, l.name);
	fprintf(out, "%*s%*s%*s%*s%*s%*s%*s%*s%*s\n", l.count, "Count",
		l.errors, "Errs", l.total, "Total", l.value, "Avg", l.value,
		"Min", l.value, "p50", l.value, "p95", l.value, "p99", l.value,
		"Max");
	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);

		print_row(out, &l, group_name(g, key), g);
	}
}

/* ------------------------------ async ops -------------------------------- */

static void print_async(const struct report *r, FILE *out)
{
	bool any = false;
	unsigned i;

	for (i = 0; i < table_count(r->ops); i++) {
		const struct group *g = table_at(r->ops, i);
		const struct row_sum *s = &g->sum;
		char cell[CELL];

		if (s->async == 0) {
			continue;
		}
		if (!any) {
			fprintf(out, "\n%-22s%8s%8s%17s%24s\n",
				"Async operations", "Count", "Known",
				"Service avg us", "Queue+delivery avg us");
			any = true;
		}
		print_name(out, group_name(g, BY_OP), 22);
		fprintf(out, "%8s", cell_count(cell, s->async, 7));
		fprintf(out, "%8s", cell_count(cell, s->service_count, 7));
		if (s->service_count == 0) {
			fprintf(out, "%17s%24s\n", "not known", "not known");
			continue;
		}
		fprintf(out, "%17s",
			cell_us(cell, s->service_ns / s->service_count, 14));
		fprintf(out, "%24s\n",
			cell_us(cell, s->service_wall_ns > s->service_ns ?
				(s->service_wall_ns - s->service_ns) /
				s->service_count : 0, 20));
	}
}

/* --------------------------------- whole --------------------------------- */

void report_text(const struct report *r, FILE *out, unsigned width)
{
	print_heading(r, out);
	print_wall_time(r, out);
	if (r->options.by != 0) {
		if (r->by_requests != NULL) {
			report_by(r->by_requests, "SMB2 requests", out, width);
		}
		if (r->by_pending != NULL && table_count(r->by_pending) != 0) {
			report_by(r->by_pending, "Of these, pending", out,
				  width);
		}
		if (r->by_logon != NULL && table_count(r->by_logon) != 0) {
			report_by(r->by_logon, "Logon", out, width);
		}
		if (r->by_ops != NULL) {
			report_by(r->by_ops, "VFS operations", out, width);
		}
	} else {
		print_table(r->requests, BY_REQUEST, "SMB2 Requests (us)", out,
			    width);
		if (table_count(r->pending) != 0) {
			print_table(r->pending, BY_REQUEST,
				    "Of these, pending (us)", out, width);
		}
		if (table_count(r->logon) != 0) {
			print_table(r->logon, BY_REQUEST, "Logon (us)", out,
				    width);
		}
		if (r->options.ops) {
			print_table(r->ops, BY_OP, "VFS Operations (us)", out,
				    width);
			print_async(r, out);
			report_layers(r, out);
		}
	}
	report_histograms(r, out);
}
