/*
 * --against: a report beside an earlier one, from the history or a file.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef AGAINST_H
#define AGAINST_H

#include "options.h"

/*
 * Is called with both reports, which get what only the other has. Returns an
 * exit code.
 */
typedef int (*comparer)(const struct options *options, struct report *before,
			struct report *after, void *private_data);

/*
 * Hands a report, and the one that --against names, to compare(). Returns what
 * that does, or an exit code after a message.
 */
int compare_with(const struct options *options, struct report *report,
		 comparer compare, void *private_data);

/*
 * Shows a report, beside another if the options say so: then it gets what only
 * that has. Returns the exit code.
 */
int show_or_compare(const struct options *options, struct report *report);

#endif
