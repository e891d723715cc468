/*
 * The last minutes as sparklines, and as a heat map: time from left to right,
 * latency from below upwards, the darker the more calls took that long.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_MAP_H
#define TOP_MAP_H

#include <stdio.h>

#include "top_paper.h"
#include "top_past.h"

#define TOP_SPARKS 2u			/* lines of top_sparks_draw() */

/* Calls a second, and p99, each with its latest value. */
void top_sparks_draw(const struct top_past *past,
		     const struct top_paper *paper, FILE *out);

/*
 * At most so many lines, each of one or more powers of two of latency. The cell
 * that p99 is in is marked. Returns how many lines there were.
 */
unsigned top_map_draw(const struct top_past *past,
		      const struct top_paper *paper, unsigned lines,
		      FILE *out);

#endif
