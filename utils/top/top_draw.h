/*
 * What top shows, as text with styles (frame.h).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_DRAW_H
#define TOP_DRAW_H

#include <stdio.h>

#include "top_model.h"
#include "top_paper.h"
#include "top_past.h"
#include "wall_time.h"

/* What is shown, beside what the user chose. */
struct top_picture {
	uint64_t realtime_ns;		/* when it was read */
	uint64_t interval_ns;		/* 0: it is since counting began */
	uint64_t since_realtime_ns;	/* when that was */
	unsigned processes;
	unsigned connected;		/* tree connects */
	struct wall_time wall;
	const struct top_sheet *sheet;
	const struct top_past *past;	/* of the list; NULL: there is none */
	const char *verdict;		/* NULL: it is not asked for */
	const char *note;		/* what else there is to say, or NULL */
};

/* Sets how many rows there is room for, too. */
void top_draw(struct top_model *m, const struct top_picture *p,
	      const struct top_paper *paper, FILE *out);

#endif
