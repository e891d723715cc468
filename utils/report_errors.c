/*
 * Which errors there were, for people: a line for each code of a request or an
 * op, the failures first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "answer.h"
#include "columns.h"
#include "error_name.h"
#include "key_columns.h"
#include "report.h"
#include "views.h"

#define COUNT 9
#define KIND 9			/* "failure", "answer", and a blank before */

/* One code of a group. */
struct line {
	const struct group *group;
	uint32_t code;
	uint64_t count;
	const char *kind;		/* "" where that depends */
	bool answer;
};

/* What the rows of a table are all of, if that tells answers; else NULL. */
static const char *answering(const struct table *table, const struct group *g)
{
	if (table_by(table) & BY(BY_OP)) {
		return group_name(g, BY_OP);
	}
	return table_source(table) == TABLE_REQUESTS &&
		(table_by(table) & BY(BY_REQUEST)) != 0 ?
		group_name(g, BY_REQUEST) : NULL;
}

static unsigned lines_of(const struct table *table, struct line *lines)
{
	unsigned i, count = 0;
	uint32_t j;

	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);
		const char *name = answering(table, g);

		for (j = 0; j < g->sum.error_count; j++) {
			struct line line = {
				.group = g,
				.code = g->sum.error[j].code,
				.count = g->sum.error[j].count,
				.kind = "",
			};

			if (line.count == 0) {
				continue;
			}
			if (name != NULL) {
				line.answer = is_answer(name, line.code);
				line.kind = line.answer ? "answer" : "failure";
			}
			if (lines != NULL) {
				lines[count] = line;
			}
			count++;
		}
	}
	return count;
}

/* Failures first, the most frequent first; else as they were. */
static int compare(const void *a, const void *b)
{
	const struct line *x = a, *y = b;

	if (x->answer != y->answer) {
		return x->answer ? 1 : -1;
	}
	if (x->count != y->count) {
		return x->count < y->count ? 1 : -1;
	}
	return x->group < y->group ? -1 : x->group > y->group;
}

static unsigned longest_name(const struct line *lines, unsigned count)
{
	char number[ERROR_NUMBER];
	unsigned i, most = 0;

	for (i = 0; i < count; i++) {
		unsigned size = (unsigned)strlen(error_name(lines[i].code,
							    number));

		most = size > most ? size : most;
	}
	return most;
}

static void print_lines(const struct table *table, const struct line *lines,
			unsigned count, FILE *out, unsigned width)
{
	struct key_columns keys;
	char number[ERROR_NUMBER], cell[CELL];
	unsigned i;

	key_columns_init(&keys, table_by(table), &table, 1);
	key_columns_shrink(&keys, less(width, COUNT + KIND + 2 +
				       longest_name(lines, count), 0));
	key_columns_print_titles(&keys, out);
	fprintf(out, "%*s%*s  %s\n", COUNT, "Count", KIND, "Kind", "Error");
	for (i = 0; i < count; i++) {
		const struct line *l = &lines[i];

		key_columns_print(&keys, group_names(l->group), out);
		fprintf(out, "%*s%*s  %s\n", COUNT,
			cell_count(cell, l->count, COUNT - 1), KIND, l->kind,
			error_name(l->code, number));
	}
}

static bool print_errors(const struct table *table, const char *title,
			 FILE *out, unsigned width)
{
	unsigned count = table != NULL ? lines_of(table, NULL) : 0;
	struct line *lines;

	if (count == 0) {
		return false;
	}
	lines = calloc(count, sizeof(*lines));
	if (lines == NULL) {
		return false;
	}
	lines_of(table, lines);
	qsort(lines, count, sizeof(*lines), compare);
	fprintf(out, "\n%s\n", title);
	print_lines(table, lines, count, out, width);
	free(lines);
	return true;
}

void report_errors(const struct report *r, FILE *out, unsigned width)
{
	bool by = r->options.by != 0;
	bool any;

	any = print_errors(by ? r->by_requests : r->requests,
			   "Errors of SMB2 requests", out, width);
	any = print_errors(by ? r->by_ops : r->ops,
			   "Errors of VFS operations", out, width) || any;
	if (!any) {
		fputs("No errors\n", out);
	}
}
