/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <time.h>

#include "columns.h"
#include "report_interval.h"
#include "views.h"

#define TIME_WIDTH 9		/* "17:30:12 " */
#define KIND_WIDTH 4		/* "SMB ", "VFS " */
#define NAME_ROOM 40		/* for a name that may come */
#define WALL_LINES 2		/* of where the time went, as a rule */

/* The columns of numbers, each with the blank before it. */
enum {
	RATE, ERRORS, AVG, P50, P95, P99, MAX, COLUMNS
};

static const struct {
	const char *title;
	unsigned width;
	unsigned leave;		/* its turn to be left out; 0: never */
} columns[COLUMNS] = {
	[RATE] = { "/s", 7, 0 },
	[ERRORS] = { "Err/s", 6, 0 },
	[AVG] = { "Avg us", 7, 0 },
	[P50] = { "p50", 6, 1 },
	[P95] = { "p95", 7, 3 },
	[P99] = { "p99", 6, 2 },
	[MAX] = { "Max", 6, 0 },
};

#define LEAVABLE 3

static unsigned values_width(unsigned left_out)
{
	unsigned c, width = 0;

	for (c = 0; c < COLUMNS; c++) {
		if (columns[c].leave == 0 || columns[c].leave > left_out) {
			width += columns[c].width;
		}
	}
	return width;
}

/* Does a column tell requests from operations? */
static bool with_kind(const struct report *r)
{
	return r->by_requests != NULL && r->by_ops != NULL;
}

/* For names to come, which may be longer; numbers stay near the names. */
static void leave_room(struct key_columns *k, unsigned available)
{
	bool grows = true;
	unsigned d;

	while (grows) {
		grows = false;
		for (d = 0; d < DIMENSIONS; d++) {
			if (k->width[d] != 0 && k->width[d] < NAME_ROOM &&
			    key_columns_width(k) < available) {
				k->width[d]++;
				grows = true;
			}
		}
	}
}

/* Lays out the columns: until the next header they stay as they are. */
static void lay_out(struct interval_view *view, const struct report *r,
		    const struct table *const tables[2], unsigned width)
{
	struct key_columns *k = &view->keys;
	unsigned taken = TIME_WIDTH + (with_kind(r) ? KIND_WIDTH : 0);
	unsigned names;

	view->left_out = 0;
	if (r->options.by == 0) {
		key_columns_init(k, BY(BY_OP), NULL, 0);
		/* SMB2_OP_QUERY_DIRECTORY */
		k->least[BY_OP] = 15 + 1;
	} else {
		key_columns_init(k, r->options.by, tables, 2);
	}
	while (view->left_out < LEAVABLE &&
	       taken + key_columns_least(k) + values_width(view->left_out) >
	       width) {
		view->left_out++;
	}
	names = less(width, taken + values_width(view->left_out), 0);
	key_columns_shrink(k, names);
	leave_room(k, names);
	if (r->options.by == 0) {
		k->short_requests = k->width[BY_OP] < 23 + 1;
	}
}

static void print_header(const struct interval_view *view,
			 const struct report *r, FILE *out)
{
	const char *names[DIMENSIONS];
	unsigned d, c;

	for (d = 0; d < DIMENSIONS; d++) {
		names[d] = dimension_name(d);
	}
	if (r->options.by == 0) {
		names[BY_OP] = r->options.ops ? "Request, operation" :
			"SMB2 request";
	}
	fprintf(out, "%-*s%*s", TIME_WIDTH, "Time",
		with_kind(r) ? KIND_WIDTH : 0, "");
	key_columns_print(&view->keys, names, out);
	for (c = 0; c < COLUMNS; c++) {
		if (columns[c].leave == 0 ||
		    columns[c].leave > view->left_out) {
			fprintf(out, "%*s", (int)columns[c].width,
				columns[c].title);
		}
	}
	fputc('\n', out);
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

static const char *cell(char text[CELL], const struct report *r,
			const struct group *g, unsigned column,
			unsigned width)
{
	const struct row_sum *s = &g->sum;

	switch (column) {
	case RATE:
		return cell_rate(text, s->count + s->untimed,
				 r->running_for_ns, width);
	case ERRORS:
		return cell_rate(text, group_failures(g), r->running_for_ns,
				 width);
	default:
		break;
	}
	if (s->count == 0) {
		return "-";
	}
	switch (column) {
	case AVG:
		return cell_us(text, row_sum_avg(s), width);
	case P50:
		return cell_us(text, row_sum_percentile(s, 500), width);
	case P95:
		return cell_us(text, row_sum_percentile(s, 950), width);
	case P99:
		return cell_us(text, row_sum_percentile(s, 990), width);
	default:
		return cell_us(text, s->max_ns, width);
	}
}

static void print_values(const struct interval_view *view,
			 const struct report *r, const struct group *g,
			 FILE *out)
{
	char text[CELL];
	unsigned c;

	for (c = 0; c < COLUMNS; c++) {
		unsigned width = columns[c].width;

		if (columns[c].leave == 0 ||
		    columns[c].leave > view->left_out) {
			fprintf(out, "%*s", (int)width,
				cell(text, r, g, c, width - 1));
		}
	}
	fputc('\n', out);
}

static void print_table(const struct interval_view *view,
			const struct report *r, const struct table *table,
			const char *time, FILE *out)
{
	unsigned i;

	for (i = 0; table != NULL && i < table_count(table); i++) {
		const struct group *g = table_at(table, i);
		const char *names[DIMENSIONS];
		unsigned d;

		for (d = 0; d < DIMENSIONS; d++) {
			names[d] = group_name(g, d);
		}
		if (r->options.by == 0 && table == r->requests) {
			names[BY_OP] = view->keys.short_requests ?
				short_request(group_name(g, BY_REQUEST)) :
				group_name(g, BY_REQUEST);
		}
		fprintf(out, "%-*s", TIME_WIDTH, time);
		if (with_kind(r)) {
			fprintf(out, "%-*s", KIND_WIDTH,
				table == r->by_ops ? "VFS" : "SMB");
		}
		key_columns_print(&view->keys, names, out);
		print_values(view, r, g, out);
	}
}

static double percent(uint64_t part, uint64_t of)
{
	return of == 0 ? 0.0 : 100.0 * (double)part / (double)of;
}

/*
 * Where the time went, in as many lines as it needs, each with the time stamp.
 * Returns how many.
 */
static unsigned print_wall_time(const struct report *r, const char *time,
				FILE *out)
{
	const struct wall_time *t = &r->time;
	const struct {
		const char *name;
		uint64_t ns;
	} parts[] = {
#define WALL_PART(name, label, brief, doc) { brief, t->name##_ns },
#include "latency_wall.h"
	};
	unsigned width = terminal_width(out), column = TIME_WIDTH, lines = 1, i;
	const char *separator = ": ";

	fprintf(out, "%-*s", TIME_WIDTH, time);
	if (t->wall_ns == 0) {
		fprintf(out, "no smbd was measured\n");
		return lines;
	}
	column += (unsigned)fprintf(out, "%% of %u smbd%s",
				    r->coverage.processes,
				    r->coverage.processes == 1 ? "" : "s");
	for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		char part[64];
		unsigned size;

		if (parts[i].ns == 0) {
			continue;
		}
		size = (unsigned)snprintf(part, sizeof(part), "%s %.1f",
					  parts[i].name,
					  percent(parts[i].ns, t->wall_ns));
		/* With the comma that may follow. */
		if (column + 2 + size + 1 > width) {
			fprintf(out, "%.1s\n%-*s ", separator, TIME_WIDTH,
				time);
			column = TIME_WIDTH + 1;
			separator = "";
			lines++;
		}
		column += (unsigned)fprintf(out, "%s%s", separator, part);
		separator = ", ";
	}
	fputc('\n', out);
	return lines;
}

/*
 * Is the interval much longer than was asked for? Half of it and a tenth of a
 * second more: a busy machine alone does not make it so.
 */
static bool is_late(const struct interval_view *view, const struct report *r)
{
	return view->interval_ns != 0 && r->running_for_ns >
		view->interval_ns + view->interval_ns / 2 + 100000000u;
}

static void print_late(const struct interval_view *view,
		       const struct report *r, const char *time, FILE *out)
{
	fprintf(out, "%-*s%.1f s since the last one, not %g s\n", TIME_WIDTH,
		time, (double)r->running_for_ns / 1e9,
		(double)view->interval_ns / 1e9);
}

static unsigned rows(const struct table *table)
{
	return table != NULL ? table_count(table) : 0;
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
	unsigned screen = terminal_height(out);
	const struct table *tables[2];
	unsigned i, lines = is_late(view, r);
	char time[16];
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(time, sizeof(time), "%H:%M:%S", &tm);
	wanted(r, tables);
	for (i = 0; i < 2; i++) {
		lines += rows(tables[i]);
	}
	if (view->lines == 0 ||
	    (screen != 0 && view->lines + WALL_LINES + lines >= screen)) {
		lay_out(view, r, tables, terminal_width(out));
		print_header(view, r, out);
		view->lines = 1;
	}
	if (is_late(view, r)) {
		print_late(view, r, time, out);
	}
	view->lines += lines + print_wall_time(r, time, out);
	for (i = 0; i < 2; i++) {
		print_table(view, r, tables[i], time, out);
	}
	if (r->options.histograms || r->options.sizes) {
		report_histograms(r, out);
		/* The header has gone up a long way. */
		view->lines = 0;
	}
}
