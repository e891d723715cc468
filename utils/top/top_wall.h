/*
 * Where the wall clock went, as bars.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_WALL_H
#define TOP_WALL_H

#include <stdio.h>

#include "top_paper.h"
#include "wall_time.h"

/*
 * At most so many lines: where that is not enough for all parts, those that are
 * largest. Returns how many there were.
 */
unsigned top_wall_draw(const struct wall_time *time,
		       const struct top_paper *paper, unsigned lines,
		       FILE *out);

#endif
