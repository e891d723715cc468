/*
 * Sentences within the width of a terminal.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WRAPPED_H
#define WRAPPED_H

#define WRAPPED_WIDTH 80u	/* of sentences, however wide the terminal is */

/*
 * Prints words within the width, from a column on where the cursor is, and ends
 * the line; further lines are indented.
 */
void print_wrapped(const char *text, unsigned column, unsigned indent,
		   unsigned width);

/*
 * The same for a terminal; to a file, on one line. The cursor is in this
 * column, where further lines begin.
 */
void print_sentence(const char *text, unsigned column);

/* The width for them on stdout. */
unsigned wrapped_width(void);

#endif
