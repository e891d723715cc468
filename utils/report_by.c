/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "report_by.h"
#include "value_table.h"

/* The columns of numbers, each with the blank before it. */
enum {
	COUNT, ERRORS, TOTAL, SELF, AVG, P50, P95, P99, MAX, COLUMNS
};

static const struct value_column columns[COLUMNS] = {
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

static const char *cell(char text[CELL], const void *row, unsigned column,
			unsigned width)
{
	const struct group *g = row;
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

void report_by(const struct table *table, const char *title, FILE *out,
	       unsigned width)
{
	struct value_table t = {
		.columns = columns,
		.count = COLUMNS,
		.leavable = 4,
		.indent = 2,
		.cell = cell,
	};
	unsigned i;

	if (table_count(table) == 0) {
		return;
	}
	value_table_lay_out(&t, table, width);
	fprintf(out, "\n%s (times in us)\n", title);
	value_table_print_titles(&t, out);
	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);

		value_table_print(&t, group_names(g), g, "", out);
	}
}
