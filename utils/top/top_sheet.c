/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "top_sheet.h"

static const struct top_column group_columns[] = {
#define GROUP_COLUMN(NAME, word, title, rate, width, leave) \
	{ word, title, rate, width, leave },
#include "top_column_table.h"
};
static const struct top_column file_columns[] = {
#define FILE_COLUMN(NAME, word, title, rate, width, leave) \
	{ word, title, rate, width, leave },
#include "top_column_table.h"
};
static const struct top_column flight_columns[] = {
#define FLIGHT_COLUMN(NAME, word, title, rate, width, leave) \
	{ word, title, rate, width, leave },
#include "top_column_table.h"
};

const struct top_column *top_columns(enum top_kind kind)
{
	return kind == TOP_GROUPS ? group_columns :
		kind == TOP_FILES ? file_columns : flight_columns;
}

unsigned top_column_count(enum top_kind kind)
{
	return kind == TOP_GROUPS ? GROUP_COLUMNS :
		kind == TOP_FILES ? FILE_COLUMNS : FLIGHT_COLUMNS;
}

unsigned top_column_of(enum top_kind kind, const char *word)
{
	const struct top_column *columns = top_columns(kind);
	unsigned c = 0;

	while (c < top_column_count(kind) &&
	       strcmp(columns[c].word, word) != 0) {
		c++;
	}
	return c;
}

/* --------------------------------- rows ---------------------------------- */

void top_sheet_init(struct top_sheet *sheet, enum top_kind kind, bool rates)
{
	memset(sheet, 0, sizeof(*sheet));
	sheet->kind = kind;
	sheet->rates = rates;
}

static void row_free(struct top_row *row)
{
	free(row->name);
	free(row->shown);
}

struct top_row *top_sheet_add(struct top_sheet *sheet, const char *name,
			      const char *shown)
{
	struct top_row *row;
	unsigned c;

	/* Room for a power of two of them. */
	if ((sheet->count & (sheet->count - 1)) == 0) {
		size_t room = sheet->count == 0 ? 1 : (size_t)sheet->count * 2;

		row = realloc(sheet->row, room * sizeof(*row));
		if (row == NULL) {
			return NULL;
		}
		sheet->row = row;
	}
	row = &sheet->row[sheet->count];
	row->name = strdup(name);
	row->shown = escape_text(shown);
	if (row->name == NULL || row->shown == NULL) {
		row_free(row);
		return NULL;
	}
	for (c = 0; c < TOP_COLUMNS; c++) {
		row->value[c] = NAN;
	}
	sheet->count++;
	return row;
}

void top_sheet_look_for(struct top_sheet *sheet, const char *text)
{
	unsigned i, kept = 0;

	for (i = 0; i < sheet->count; i++) {
		if (strcasestr(sheet->row[i].shown, text) != NULL) {
			sheet->row[kept++] = sheet->row[i];
		} else {
			row_free(&sheet->row[i]);
			sheet->hidden++;
		}
	}
	sheet->count = kept;
}

struct sorting {
	unsigned column;
	bool reverse;
};

static int compare(const void *a, const void *b, void *private_data)
{
	const struct sorting *s = private_data;
	const struct top_row *x = a, *y = b;
	double left = x->value[s->column], right = y->value[s->column];

	/* What is not known comes last in either order. */
	if (isnan(left) != 0 || isnan(right) != 0) {
		if ((isnan(left) != 0) != (isnan(right) != 0)) {
			return isnan(left) != 0 ? 1 : -1;
		}
	} else if (left != right) {
		return (left > right) != s->reverse ? -1 : 1;
	}
	return strcmp(x->name, y->name);
}

void top_sheet_sort(struct top_sheet *sheet, unsigned column, bool reverse)
{
	struct sorting sorting = { column, reverse };

	if (sheet->count != 0) {
		qsort_r(sheet->row, sheet->count, sizeof(*sheet->row), compare,
			&sorting);
	}
}

void top_sheet_free(struct top_sheet *sheet)
{
	unsigned i;

	for (i = 0; i < sheet->count; i++) {
		row_free(&sheet->row[i]);
	}
	free(sheet->row);
	sheet->row = NULL;
	sheet->count = 0;
}

/* --------------------------------- cells --------------------------------- */

enum form { FORM_COUNT, FORM_TIME, FORM_SPENT, FORM_SECONDS };

static enum form form_of(enum top_kind kind, unsigned column)
{
	switch (kind) {
	case TOP_GROUPS:
		return column == GROUP_COUNT || column == GROUP_ERRORS ?
			FORM_COUNT : column == GROUP_TOTAL ||
			column == GROUP_SELF ? FORM_SPENT : FORM_TIME;
	case TOP_FILES:
		return column == FILE_TIME ? FORM_SPENT : FORM_COUNT;
	default:
		return FORM_SECONDS;
	}
}

/* With a decimal where that tells something. */
static const char *cell_rate(char text[CELL], double value, unsigned width)
{
	if (value >= 99.95) {
		return cell_count(text, (uint64_t)(value + 0.5), width);
	}
	snprintf(text, CELL, "%.*f", value == 0.0 ? 0 : 1, value);
	return text;
}

const char *top_sheet_cell(char text[CELL], const struct top_sheet *sheet,
			   const struct top_row *row, unsigned column,
			   unsigned width)
{
	double value = row->value[column];

	if (isnan(value) != 0) {
		return "-";
	}
	switch (form_of(sheet->kind, column)) {
	case FORM_COUNT:
		return sheet->rates ? cell_rate(text, value, width) :
			cell_count(text, (uint64_t)value, width);
	case FORM_SPENT:
		if (sheet->rates) {
			return cell_rate(text, value / 1e7, width);
		}
		return cell_us(text, (uint64_t)value, width);
	case FORM_TIME:
		return cell_us(text, (uint64_t)value, width);
	default:
		snprintf(text, CELL, "%.3f", value / 1e9);
		return text;
	}
}
