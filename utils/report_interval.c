/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <time.h>

#include "columns.h"
#include "report_interval.h"

#define TIME_WIDTH 9		/* "17:30:12 " */
#define VALUES_WIDTH 45		/* of the columns of print_values() */

/* The widths of the columns of names, each with the blank behind it. */
struct names {
	unsigned dimensions;	/* BY() of those that have a column */
	unsigned width[DIMENSIONS];
	bool kind;		/* a column tells requests from operations */
};

static struct names names_for(const struct report *r, unsigned width)
{
	unsigned by = r->options.by;
	struct names n = { .dimensions = by };
	unsigned available = width - TIME_WIDTH - VALUES_WIDTH;
	unsigned d, columns = 0;

	if (by == 0) {
		n.width[BY_OP] = available;
		return n;
	}
	n.kind = r->by_requests != NULL && r->by_ops != NULL;
	available -= n.kind ? 4 : 0;
	for (d = 0; d < DIMENSIONS; d++) {
		columns += (by & BY(d)) != 0;
	}
	for (d = 0; d < DIMENSIONS; d++) {
		if (by & BY(d)) {
			n.width[d] = available / columns--;
			available -= n.width[d];
		}
	}
	return n;
}

static void print_names(const struct names *n, const char *const *names,
			FILE *out)
{
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		if (n->width[d] != 0) {
			print_name(out, names[d][0] != '\0' ? names[d] : "-",
				   n->width[d] - 1);
			fputc(' ', out);
		}
	}
}

static void print_header(const struct report *r, const struct names *n,
			 FILE *out)
{
	const char *names[DIMENSIONS];
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		names[d] = dimension_name(d);
	}
	if (r->options.by == 0) {
		names[BY_OP] = r->options.ops ? "Request, operation" :
			"SMB2 request";
	}
	fprintf(out, "%-*s", TIME_WIDTH, "Time");
	if (n->kind) {
		fprintf(out, "%-4s", "");
	}
	print_names(n, names, out);
	fprintf(out, "%7s%6s%7s%6s%7s%6s%6s\n", "/s", "Err/s", "Avg us",
		"p50", "p95", "p99", "Max");
}

/* So many in ns nanoseconds, as a rate per second that fits. */
static const char *cell_rate(char cell[CELL], uint64_t count, uint64_t ns,
			     unsigned width)
{
	double rate = ns == 0 ? 0.0 : (double)count * 1e9 / (double)ns;

	if (rate < 99.95) {
		snprintf(cell, CELL, "%.*f", rate == 0.0 ? 0 : 1, rate);
		return cell;
	}
	return cell_count(cell, (uint64_t)(rate + 0.5), width);
}

static void print_us(FILE *out, bool known, uint64_t ns, int width)
{
	char cell[CELL];

	fprintf(out, "%*s", width, known ?
		cell_us(cell, ns, (unsigned)width - 1) : "-");
}

static void print_values(const struct report *r, const struct row_sum *s,
			 FILE *out)
{
	bool timed = s->count != 0;
	char cell[CELL];

	fprintf(out, "%7s", cell_rate(cell, s->count + s->untimed,
				      r->running_for_ns, 6));
	fprintf(out, "%6s", cell_rate(cell, s->errors, r->running_for_ns, 5));
	print_us(out, timed, row_sum_avg(s), 7);
	print_us(out, timed, row_sum_percentile(s, 500), 6);
	print_us(out, timed, row_sum_percentile(s, 950), 7);
	print_us(out, timed, row_sum_percentile(s, 990), 6);
	print_us(out, timed, s->max_ns, 6);
	fputc('\n', out);
}

static void print_table(const struct report *r, const struct names *n,
			const struct table *table, const char *time,
			FILE *out)
{
	unsigned i;

	for (i = 0; table != NULL && i < table->count; i++) {
		const struct group *g = table->groups[i];
		const char *names[DIMENSIONS];
		unsigned d;

		for (d = 0; d < DIMENSIONS; d++) {
			names[d] = g->key[d];
		}
		if (r->options.by == 0 && table == r->requests) {
			names[BY_OP] = g->key[BY_REQUEST];
		}
		fprintf(out, "%-*s", TIME_WIDTH, time);
		if (n->kind) {
			fprintf(out, "%-4s", table == r->by_ops ? "VFS" :
				"SMB");
		}
		print_names(n, names, out);
		print_values(r, &g->sum, out);
	}
}

static double percent(uint64_t part, uint64_t of)
{
	return of == 0 ? 0.0 : 100.0 * (double)part / (double)of;
}

static void print_wall_time(const struct report *r, const char *time,
			    FILE *out)
{
	const struct wall_time *t = &r->time;

	fprintf(out, "%-*s", TIME_WIDTH, time);
	if (t->wall_ns == 0) {
		fprintf(out, "no smbd was measured\n");
		return;
	}
	fprintf(out, "%% of %u smbd%s: client %.1f, async %.1f, VFS %.1f, "
		"SMB %.1f, other %.1f\n", r->coverage.processes,
		r->coverage.processes == 1 ? "" : "s",
		percent(t->waiting_client_ns, t->wall_ns),
		percent(t->waiting_async_ns, t->wall_ns),
		percent(t->vfs_ns, t->wall_ns), percent(t->smb_ns, t->wall_ns),
		percent(t->receive_ns + t->send_ns + t->other_ns, t->wall_ns));
}

static unsigned rows(const struct table *table)
{
	return table != NULL ? table->count : 0;
}

/* The tables that the options ask for; NULL where there is none. */
static void wanted(const struct report *r, const struct table *tables[2])
{
	tables[0] = r->options.by != 0 ? r->by_requests : r->requests;
	tables[1] = r->options.by != 0 ? r->by_ops :
		r->options.ops ? r->ops : NULL;
}

void interval_view_print(struct interval_view *view, const struct report *r,
			 FILE *out)
{
	time_t seconds = (time_t)(r->until_realtime_ns / 1000000000u);
	struct names names = names_for(r, terminal_width(out));
	unsigned screen = terminal_height(out);
	const struct table *tables[2];
	unsigned i, lines = 1;
	char time[16];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(time, sizeof(time), "%H:%M:%S", &tm);
	wanted(r, tables);
	for (i = 0; i < 2; i++) {
		lines += rows(tables[i]);
	}
	if (view->lines == 0 ||
	    (screen != 0 && view->lines + lines >= screen)) {
		print_header(r, &names, out);
		view->lines = 1;
	}
	view->lines += lines;
	print_wall_time(r, time, out);
	for (i = 0; i < 2; i++) {
		print_table(r, &names, tables[i], time, out);
	}
	if (r->options.histograms) {
		report_histograms(r, out);
		/* The header has gone up a long way. */
		view->lines = 0;
	}
}
