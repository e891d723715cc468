/*
 * What a terminal wants to be sent, of terminfo.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TERMINAL_SEQUENCES_H
#define TERMINAL_SEQUENCES_H

#include <stdbool.h>

#include "frame.h"

#define TERMINAL_SEQUENCE 256u		/* bytes that do one thing */

struct terminal_sequences {
	char style[STYLES][TERMINAL_SEQUENCE];
	char enter[TERMINAL_SEQUENCE]; /* the full screen, and its keys */
	char leave[TERMINAL_SEQUENCE];
	char clear[TERMINAL_SEQUENCE];
	char clear_line[TERMINAL_SEQUENCE]; /* from the cursor on */
};

/* Looks for a terminal of this name; NULL: there is none. */
bool terminal_sequences_find(const char *name);

/* Then: what it wants. Returns false if it has no full screen. */
bool terminal_sequences_learn(struct terminal_sequences *sequences);

/* To the first column of a line, 0 is the uppermost. */
const char *terminal_sequence_move(char to[TERMINAL_SEQUENCE], unsigned line);

#endif
