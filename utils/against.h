/*
 * --against: a report beside an earlier one, from the history or a file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef AGAINST_H
#define AGAINST_H

#include "options.h"

/*
 * Shows a report, beside another if the options say so: then it gets what only
 * that has. Returns the exit code.
 */
int show_or_compare(const struct options *options, struct report *report);

#endif
