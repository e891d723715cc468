/*
 * The dimensions by which counters are summed: see dimension_table.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DIMENSION_H
#define DIMENSION_H

enum dimension {
#define DIMENSION(NAME, name, tables, label, useful) BY_##NAME,
#include "dimension_table.h"
	DIMENSIONS,
};

#define BY(dimension) (1u << (dimension))

/* BY() of those that only operations have; of those that metrics can have. */
unsigned dimensions_of_ops(void);
unsigned dimensions_with_label(void);

/* Name of a dimension for people and for --by; "share", "user", ... */
const char *dimension_name(enum dimension dimension);

#endif
