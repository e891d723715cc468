/*
 * What top draws on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_PAPER_H
#define TOP_PAPER_H

#include <stdbool.h>

/* The room there is, and what can be shown in it. */
struct top_paper {
	unsigned width;
	unsigned height;		/* 0: as many lines as it takes */
	unsigned rows;			/* at most; 0: as many as fit */
	bool ascii;
	bool still;			/* no keys: all rows, none chosen */
};

#endif
