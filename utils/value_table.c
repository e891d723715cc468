/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "value_table.h"

static bool is_shown(const struct value_table *t, unsigned column)
{
	unsigned leave = t->columns[column].leave;

	return leave == 0 || leave > t->left_out;
}

static unsigned values_width(const struct value_table *t)
{
	unsigned c, width = t->behind;

	for (c = 0; c < t->count; c++) {
		if (is_shown(t, c)) {
			width += t->columns[c].width;
		}
	}
	return width;
}

/* Leaves out columns until the others fit beside so many columns. */
static void leave_out(struct value_table *t, unsigned beside)
{
	t->left_out = 0;
	while (t->left_out < t->leavable &&
	       beside + values_width(t) > t->width) {
		t->left_out++;
	}
}

void value_table_lay_out(struct value_table *t, const struct table *table,
			 unsigned width)
{
	unsigned least;

	t->width = width;
	key_columns_init(&t->keys, table_by(table), &table, 1);
	least = key_columns_least(&t->keys);
	leave_out(t, least);
	t->two_lines = least + values_width(t) > width;
	if (t->two_lines) {
		leave_out(t, t->indent);
	} else {
		key_columns_shrink(&t->keys, width - values_width(t));
	}
}

/* The numbers of a row, or their titles for NULL. */
static void print_values(const struct value_table *t, const void *row,
			 const char *mark, FILE *out)
{
	char text[CELL];
	unsigned c;

	if (t->two_lines) {
		fprintf(out, "%*s", (int)t->indent, "");
	}
	for (c = 0; c < t->count; c++) {
		unsigned width = t->columns[c].width - 1;

		if (is_shown(t, c)) {
			fprintf(out, " %*s", (int)width, row == NULL ?
				t->columns[c].title :
				t->cell(text, row, c, width));
		}
	}
	fprintf(out, "%s\n", mark);
}

void value_table_print_titles(const struct value_table *t, FILE *out)
{
	const char *titles[DIMENSIONS];
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		titles[d] = dimension_name(d);
	}
	if (t->two_lines) {
		key_columns_print_lines(&t->keys, titles, t->width, out);
	} else {
		key_columns_print_titles(&t->keys, out);
	}
	print_values(t, NULL, "", out);
}

void value_table_print(const struct value_table *t,
		       const char *const names[DIMENSIONS], const void *row,
		       const char *mark, FILE *out)
{
	if (t->two_lines) {
		key_columns_print_lines(&t->keys, names, t->width, out);
	} else {
		key_columns_print(&t->keys, names, out);
	}
	print_values(t, row, mark, out);
}
