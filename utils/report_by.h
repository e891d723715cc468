/*
 * The tables that --by asks for, for people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REPORT_BY_H
#define REPORT_BY_H

#include <stdio.h>

#include "table.h"

/*
 * Prints a table in `width` columns. Where there is not enough room for the
 * names beside the numbers, some of the numbers are left out, then long names
 * are cut; where they would be cut too much, they get a line of their own
 * above the numbers.
 */
void report_by(const struct table *table, const char *title, FILE *out,
	       unsigned width);

#endif
