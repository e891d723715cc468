/*
 * The views: each shows a report, and knows nothing of segments.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef VIEWS_H
#define VIEWS_H

#include <stdio.h>

#include "report.h"

/* width: columns of the terminal. */
void report_text(const struct report *report, FILE *out, unsigned width);
#define VIEW(NAME, name, letter, takes, help) \
	void report_##name(const struct report *report, FILE *out, \
			   unsigned width);
#include "view_table.h"

/* Parts of them. */
void report_layers(const struct report *report, FILE *out);
/* As far as they are asked for. */
void report_histograms(const struct report *report, FILE *out);

#endif
