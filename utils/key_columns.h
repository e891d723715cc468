/*
 * The columns of names that --by asks for, sharing the room that there is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef KEY_COLUMNS_H
#define KEY_COLUMNS_H

#include <stdbool.h>
#include <stdio.h>

#include "table.h"

struct key_columns {
	unsigned by;			/* BY() of the dimensions shown */
	unsigned width[DIMENSIONS];	/* each with the blank behind it */
	unsigned least[DIMENSIONS];	/* what still tells names apart */
	bool short_requests;		/* CREATE, not SMB2_OP_CREATE */
};

/*
 * Columns for these dimensions, as wide as the names in the tables (NULL: none
 * of them) and as their titles.
 */
void key_columns_init(struct key_columns *k, unsigned by,
		      const struct table *const *tables, unsigned count);

/* All of them together; at least, when no name is cut where it matters. */
unsigned key_columns_width(const struct key_columns *k);
unsigned key_columns_least(const struct key_columns *k);

/*
 * Makes them fit in so many columns: first requests go without "SMB2_OP_",
 * then the longest names are cut. No column gets narrower than 6.
 */
void key_columns_shrink(struct key_columns *k, unsigned available);

/* Prints the titles, or the names of a row; "-" where there is none. */
void key_columns_print_titles(const struct key_columns *k, FILE *out);
void key_columns_print(const struct key_columns *k,
		       const char *const names[DIMENSIONS], FILE *out);

/* The same, as many in each line of `width` columns as there is room for. */
void key_columns_print_lines(const struct key_columns *k,
			     const char *const names[DIMENSIONS],
			     unsigned width, FILE *out);

/* The name of a request without what all of them have in common. */
const char *short_request(const char *name);

#endif
