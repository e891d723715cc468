/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "frame.h"

/* Bytes and columns of the character at text; a style has no column. */
static unsigned character(const char *text, unsigned *columns)
{
	char one[8];
	unsigned bytes = 1;

	if ((unsigned char)*text < STYLES) {
		*columns = 0;
		return 1;
	}
	while (bytes < 4 && ((unsigned char)text[bytes] & 0xc0) == 0x80) {
		bytes++;
	}
	memcpy(one, text, bytes);
	one[bytes] = '\0';
	*columns = text_columns(one);
	return bytes;
}

/* Copies a line of `length` bytes, as far as it fits. */
static char *copy_line(const char *text, size_t length, unsigned width,
		       bool ascii)
{
	/* A character of two columns has more bytes than that. */
	char *line = malloc(length + 1);
	unsigned taken = 0, columns, bytes;
	size_t i, to = 0;

	for (i = 0; line != NULL && i < length; i += bytes) {
		bytes = character(text + i, &columns);
		if (taken + columns > width) {
			break;
		}
		taken += columns;
		if (ascii && (unsigned char)text[i] >= 0x80) {
			memset(line + to, '?', columns);
			to += columns;
		} else {
			memcpy(line + to, text + i, bytes);
			to += bytes;
		}
	}
	if (line != NULL) {
		line[to] = '\0';
	}
	return line;
}

bool frame_make(struct frame *frame, const char *text, unsigned width,
		unsigned height, bool ascii)
{
	const char *c;
	unsigned lines = 0;

	for (c = text; *c != '\0'; c++) {
		lines += *c == '\n';
	}
	frame->count = 0;
	frame->line = calloc(lines + 1, sizeof(*frame->line));
	if (frame->line == NULL) {
		return false;
	}
	while (frame->count < lines &&
	       (height == 0 || frame->count < height)) {
		size_t length = strcspn(text, "\n");
		char *line = copy_line(text, length, width, ascii);

		if (line == NULL) {
			return false;
		}
		frame->line[frame->count++] = line;
		text += length + 1;
	}
	return true;
}

void frame_free(struct frame *frame)
{
	unsigned i;

	for (i = 0; i < frame->count; i++) {
		free(frame->line[i]);
	}
	free(frame->line);
	frame->line = NULL;
	frame->count = 0;
}
