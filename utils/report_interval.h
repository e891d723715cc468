/*
 * What happened in an interval, in a few lines with a time stamp each: for
 * the eye that follows them, and for grep and awk.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REPORT_INTERVAL_H
#define REPORT_INTERVAL_H

#include <stdio.h>

#include "key_columns.h"
#include "report.h"

/* What is on the screen; but for interval_ns zero in the beginning. */
struct interval_view {
	uint64_t interval_ns;		/* as asked for; 0: not known */
	unsigned lines;			/* since the header; 0: none yet */
	struct key_columns keys;	/* as of the header */
	unsigned left_out;		/* columns without room, likewise */
};

/*
 * Prints the lines of a report on an interval; before them the header, if it
 * is not yet on the screen or would leave it. To what is no terminal the
 * header is printed once.
 */
void interval_view_print(struct interval_view *view, const struct report *r,
			 FILE *out);

#endif
