/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "columns.h"
#include "key_columns.h"
#include "report_by.h"

#define INDENT 2		/* of numbers below their names */

/* The columns of numbers, each with the blank before it. */
enum {
	COUNT, ERRORS, TOTAL, SELF, AVG, P50, P95, P99, MAX, COLUMNS
};

static const struct {
	const char *title;
	unsigned width;
	unsigned leave;		/* its turn to be left out; 0: never */
} columns[COLUMNS] = {
	[COUNT] = { "Count", 8, 0 },
	[ERRORS] = { "Errs", 6, 0 },
	[TOTAL] = { "Total", 9, 0 },
	[SELF] = { "Self", 9, 3 },
	[AVG] = { "Avg", 7, 0 },
	[P50] = { "p50", 6, 1 },
	[P95] = { "p95", 6, 4 },
	[P99] = { "p99", 6, 2 },
	[MAX] = { "Max", 6, 0 },
};

#define LEAVABLE 4

struct layout {
	struct key_columns keys;
	unsigned left_out;	/* columns.leave up to this */
	bool two_lines;
};

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

/* How many columns have to go for the others to fit beside so many columns. */
static unsigned leave_out(unsigned beside, unsigned width)
{
	unsigned left_out = 0;

	while (left_out < LEAVABLE &&
	       beside + values_width(left_out) > width) {
		left_out++;
	}
	return left_out;
}

static void layout_for(struct layout *l, const struct table *table,
		       unsigned width)
{
	unsigned least;

	key_columns_init(&l->keys, table_by(table), &table, 1);
	least = key_columns_least(&l->keys);
	l->left_out = leave_out(least, width);
	l->two_lines = least + values_width(l->left_out) > width;
	if (l->two_lines) {
		l->left_out = leave_out(INDENT, width);
	} else {
		key_columns_shrink(&l->keys,
				   width - values_width(l->left_out));
	}
}

static const char *cell(char text[CELL], const struct group *g, unsigned column,
			unsigned width)
{
	const struct row_sum *sum = &g->sum;

	switch (column) {
	case COUNT:
		return cell_count(text, sum->count + sum->untimed, width);
	case ERRORS:
		return cell_count(text, group_failures(g), width);
	case TOTAL:
		return cell_us(text, sum->total_ns, width);
	case SELF:
		return cell_us(text, g->self_ns, width);
	default:
		break;
	}
	if (sum->count == 0) {
		/* Latencies that only a timed call has. */
		return "-";
	}
	switch (column) {
	case AVG:
		return cell_us(text, row_sum_avg(sum), width);
	case P50:
		return cell_us(text, row_sum_percentile(sum, 500), width);
	case P95:
		return cell_us(text, row_sum_percentile(sum, 950), width);
	case P99:
		return cell_us(text, row_sum_percentile(sum, 990), width);
	default:
		return cell_us(text, sum->max_ns, width);
	}
}

/* The numbers of a group, or their titles for NULL. */
static void print_values(const struct layout *l, const struct group *g,
			 FILE *out)
{
	char text[CELL];
	unsigned c;

	if (l->two_lines) {
		fprintf(out, "%*s", INDENT, "");
	}
	for (c = 0; c < COLUMNS; c++) {
		unsigned width = columns[c].width - 1;

		if (columns[c].leave != 0 && columns[c].leave <= l->left_out) {
			continue;
		}
		fprintf(out, " %*s", (int)width, g == NULL ?
			columns[c].title : cell(text, g, c, width));
	}
	fputc('\n', out);
}

void report_by(const struct table *table, const char *title, FILE *out,
	       unsigned width)
{
	struct layout l;
	const char *titles[DIMENSIONS];
	unsigned d, i;

	if (table_count(table) == 0) {
		return;
	}
	layout_for(&l, table, width);
	for (d = 0; d < DIMENSIONS; d++) {
		titles[d] = dimension_name(d);
	}
	fprintf(out, "\n%s (times in us)\n", title);
	if (l.two_lines) {
		key_columns_print_lines(&l.keys, titles, width, out);
	} else {
		key_columns_print_titles(&l.keys, out);
	}
	print_values(&l, NULL, out);
	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);

		if (l.two_lines) {
			key_columns_print_lines(&l.keys, group_names(g), width,
						out);
		} else {
			key_columns_print(&l.keys, group_names(g), out);
		}
		print_values(&l, g, out);
	}
}
