/*
 * Views of two reports side by side.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REPORT_AGAINST_H
#define REPORT_AGAINST_H

#include <jansson.h>
#include <stdio.h>

#include "report.h"

/*
 * What became of `before` in `after`. Their tables and trees get what only the
 * other has. width: columns of the terminal. They return false if there is no
 * memory.
 */
bool against_text(struct report *before, struct report *after, FILE *out,
		  unsigned width);
bool against_json(struct report *before, struct report *after, FILE *out);

/* What that prints; NULL if there is no memory. */
json_t *against_object(struct report *before, struct report *after);

/* Folded stacks with two numbers each, in us, as difffolded.pl makes them. */
bool against_folded(struct report *before, struct report *after, FILE *out);

#endif
