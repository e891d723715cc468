/*
 * From a segment to a table: which of its nodes count in which group.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TABLE_ADD_H
#define TABLE_ADD_H

#include "filter.h"
#include "table.h"

/* What the dimension "process" has for those that have ended. */
#define TABLE_DEPARTED "departed"

/*
 * Adds what the filter wants of an image. Returns false if there is no
 * memory: then the table is good for nothing but table_free().
 */
bool table_add(struct table *table, const struct segment_image *image,
	       const struct filter *filter);

#endif
