/*
 * A list of top: rows with a name and numbers, sorted by one of these, as far
 * as their names hold what is looked for. It knows nothing of where they are
 * from.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_SHEET_H
#define TOP_SHEET_H

#include <stdbool.h>

#include "columns.h"
#include "top_view.h"

enum {
#define GROUP_COLUMN(NAME, word, title, rate, width, leave) GROUP_##NAME,
#include "top_column_table.h"
	GROUP_COLUMNS,
};
enum {
#define FILE_COLUMN(NAME, word, title, rate, width, leave) FILE_##NAME,
#include "top_column_table.h"
	FILE_COLUMNS,
};
enum {
#define FLIGHT_COLUMN(NAME, word, title, rate, width, leave) FLIGHT_##NAME,
#include "top_column_table.h"
	FLIGHT_COLUMNS,
};

#define TOP_COLUMNS GROUP_COLUMNS	/* of the kind that has most */

struct top_column {
	const char *word, *title, *rate;
	unsigned width, leave;
};

struct top_row {
	char *name;			/* as it is */
	char *shown;			/* escaped, for people */
	/*
	 * What its columns show: counts and bytes, or so many a second; ns, or
	 * ns a second of TOTAL, SELF and TIME; NAN: not known.
	 */
	double value[TOP_COLUMNS];
};

struct top_sheet {
	enum top_kind kind;
	bool rates;			/* of an interval; else sums */
	struct top_row *row;
	unsigned count;
	unsigned hidden;		/* rows that are not looked for */
};

/* The columns of a kind, and how many. */
const struct top_column *top_columns(enum top_kind kind);
unsigned top_column_count(enum top_kind kind);

/* The column of this word; top_column_count() if there is none. */
unsigned top_column_of(enum top_kind kind, const char *word);

/* A list without rows. */
void top_sheet_init(struct top_sheet *sheet, enum top_kind kind, bool rates);

/*
 * A new row, all its values NAN; shown is escaped by this. It stays where it is
 * until the next one is added. NULL: no memory.
 */
struct top_row *top_sheet_add(struct top_sheet *sheet, const char *name,
			      const char *shown);

/* Leaves the rows that hold a text, in any case of letters. */
void top_sheet_look_for(struct top_sheet *sheet, const char *text);

/* The largest first, or last; then by name. */
void top_sheet_sort(struct top_sheet *sheet, unsigned column, bool reverse);

/* What a column shows of a row in `width` characters. */
const char *top_sheet_cell(char text[CELL], const struct top_sheet *sheet,
			   const struct top_row *row, unsigned column,
			   unsigned width);

void top_sheet_free(struct top_sheet *sheet);

#endif
