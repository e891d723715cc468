/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "columns.h"
#include "key_columns.h"

#define KEY_MIN 6		/* the blank behind it included */
#define PREFIX "SMB2_OP_"

/* So much of a longer name still tells it from others, mostly. */
static const unsigned useful_width[DIMENSIONS] = {
#define DIMENSION(NAME, name, tables, label, useful) [BY_##NAME] = useful,
#include "dimension_table.h"
};

const char *short_request(const char *name)
{
	const size_t length = sizeof(PREFIX) - 1;

	return strncmp(name, PREFIX, length) == 0 ? name + length : name;
}

static const char *shown(const struct key_columns *k, unsigned dimension,
			 const char *name)
{
	if (name[0] == '\0') {
		return "-";
	}
	return dimension == BY_REQUEST && k->short_requests ?
		short_request(name) : name;
}

/* -------------------------------- widths --------------------------------- */

static void raise(unsigned *width, unsigned columns)
{
	*width = columns > *width ? columns : *width;
}

/* What the names of a dimension need, the blank behind them included. */
static unsigned needed(unsigned dimension, bool shortened,
		       const struct table *const *tables, unsigned count)
{
	unsigned width = (unsigned)strlen(dimension_name(dimension));
	unsigned t, i;

	for (t = 0; t < count; t++) {
		const struct table *table = tables[t];

		for (i = 0; table != NULL && i < table_count(table); i++) {
			const char *name = group_name(table_at(table, i),
						      dimension);

			raise(&width, name_columns(shortened ?
						   short_request(name) :
						   name));
		}
	}
	return width + 1;
}

void key_columns_init(struct key_columns *k, unsigned by,
		      const struct table *const *tables, unsigned count)
{
	unsigned d;

	memset(k, 0, sizeof(*k));
	k->by = by;
	for (d = 0; d < DIMENSIONS; d++) {
		if ((by & BY(d)) == 0) {
			continue;
		}
		k->width[d] = needed(d, false, tables, count);
		k->least[d] = needed(d, d == BY_REQUEST, tables, count);
		if (k->least[d] > useful_width[d] + 1) {
			k->least[d] = useful_width[d] + 1;
		}
	}
}

static unsigned sum(const unsigned widths[DIMENSIONS])
{
	unsigned d, all = 0;

	for (d = 0; d < DIMENSIONS; d++) {
		all += widths[d];
	}
	return all;
}

unsigned key_columns_width(const struct key_columns *k)
{
	return sum(k->width);
}

unsigned key_columns_least(const struct key_columns *k)
{
	return sum(k->least);
}

/* Takes from the widest column of those above their least; false: none is. */
static bool take(struct key_columns *k, const unsigned least[DIMENSIONS])
{
	unsigned d, widest = DIMENSIONS;

	for (d = 0; d < DIMENSIONS; d++) {
		if (k->width[d] > least[d] &&
		    (widest == DIMENSIONS || k->width[d] > k->width[widest])) {
			widest = d;
		}
	}
	if (widest == DIMENSIONS) {
		return false;
	}
	k->width[widest]--;
	return true;
}

void key_columns_shrink(struct key_columns *k, unsigned available)
{
	unsigned hardly[DIMENSIONS];
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		hardly[d] = k->least[d] < KEY_MIN ? k->least[d] : KEY_MIN;
	}
	if (key_columns_width(k) > available) {
		k->short_requests = true;
	}
	while (key_columns_width(k) > available &&
	       (take(k, k->least) || take(k, hardly))) {
		;
	}
}

/* ------------------------------- printing -------------------------------- */

static void print(unsigned dimension, const char *name, unsigned width,
		  FILE *out)
{
	if (dimension == BY_CLIENT) {
		print_end_of_name(out, name, width);
	} else {
		print_name(out, name, width);
	}
}

void key_columns_print_titles(const struct key_columns *k, FILE *out)
{
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		if (k->width[d] != 0) {
			print_name(out, dimension_name(d), k->width[d] - 1);
			fputc(' ', out);
		}
	}
}

void key_columns_print(const struct key_columns *k,
		       const char *const names[DIMENSIONS], FILE *out)
{
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		if (k->width[d] != 0) {
			print(d, shown(k, d, names[d]), k->width[d] - 1, out);
			fputc(' ', out);
		}
	}
}

void key_columns_print_lines(const struct key_columns *k,
			     const char *const names[DIMENSIONS],
			     unsigned width, FILE *out)
{
	unsigned d, column = 0;

	for (d = 0; d < DIMENSIONS; d++) {
		const char *name = shown(k, d, names[d]);
		unsigned columns = name_columns(name);

		if ((k->by & BY(d)) == 0) {
			continue;
		}
		columns = columns > width ? width : columns;
		if (column != 0) {
			bool next = column + 1 + columns > width;

			fputc(next ? '\n' : ' ', out);
			column = next ? 0 : column + 1;
		}
		print(d, name, columns, out);
		column += columns;
	}
	fputc('\n', out);
}
