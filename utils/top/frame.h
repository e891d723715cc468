/*
 * A screenful of text: lines with styles, each within the width.
 *
 * Styles are switched by single control characters, which names never have when
 * they are escaped.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FRAME_H
#define FRAME_H

#include <stdbool.h>

/* Each holds until the next one, or the end of the line. */
#define STYLE_PLAIN "\001"
#define STYLE_BOLD "\002"
#define STYLE_REVERSE "\003"
#define STYLE_DIM "\004"
#define STYLE_BAD "\005"		/* something is wrong: red */
#define STYLE_NOTE "\006"		/* not as usual: yellow */

/* The same characters as numbers. */
enum { PLAIN = 1, BOLD, REVERSE, DIM, BAD, NOTE, STYLES };

struct frame {
	char **line;
	unsigned count;
};

/*
 * Takes a text apart: lines are cut to `width` columns, and lines beyond
 * `height` (0: none) left out. ascii: what is no ASCII becomes "?", one for
 * each column. Returns false if there is no memory; frame_free() frees it in
 * either case.
 */
bool frame_make(struct frame *frame, const char *text, unsigned width,
		unsigned height, bool ascii);

void frame_free(struct frame *frame);

#endif
