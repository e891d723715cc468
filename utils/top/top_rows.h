/*
 * The rows of top's lists, made of what was read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_ROWS_H
#define TOP_ROWS_H

#include "top_model.h"
#include "top_reading.h"

/*
 * Makes the list that the model asks for, sorted. filter: of the options. all:
 * the sum of all rows of TOP_GROUPS, those that are not looked for as well.
 * Returns false if there is no memory; top_sheet_free() in either case.
 */
bool top_rows_make(struct top_sheet *sheet, const struct top_model *m,
		   struct top_reading *r, const struct filter *filter,
		   struct row_sum *all);

#endif
