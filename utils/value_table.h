/*
 * A table with columns of names (key_columns.h) and of numbers. Where it is too
 * wide, columns of numbers are left out, each in its turn; then names are cut;
 * at last the names get a line of their own.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef VALUE_TABLE_H
#define VALUE_TABLE_H

#include "columns.h"
#include "key_columns.h"

struct value_column {
	const char *title;
	unsigned width;			/* with the blank before it */
	unsigned leave;			/* its turn, from 1 on; 0: it stays */
};

/* What a table is like, and how it is laid out. */
struct value_table {
	const struct value_column *columns;
	unsigned count;
	unsigned leavable;		/* the last turn */
	unsigned indent;		/* of numbers below their names */
	unsigned behind;		/* columns that marks need */
	/* A number of a row, which is the caller's; text is room for it. */
	const char *(*cell)(char text[CELL], const void *row, unsigned column,
			    unsigned width);

	/* Set by value_table_lay_out(). */
	struct key_columns keys;
	unsigned left_out;
	bool two_lines;
	unsigned width;
};

/* For rows with the names of this table's groups, in so many columns. */
void value_table_lay_out(struct value_table *t, const struct table *table,
			 unsigned width);

void value_table_print_titles(const struct value_table *t, FILE *out);

/* mark: what comes behind the numbers, "" for nothing. */
void value_table_print(const struct value_table *t,
		       const char *const names[DIMENSIONS], const void *row,
		       const char *mark, FILE *out);

#endif
