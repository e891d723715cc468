/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "columns.h"

#define DEFAULT_WIDTH 80

/* A number of thousands, millions, ...: three digits and a letter. */
static const char *scaled(char cell[CELL], double value, unsigned width)
{
	static const char letters[] = "kMGTPE";
	unsigned i;

	value /= 1000;
	for (i = 0; value >= 999.5 && letters[i + 1] != '\0'; i++) {
		value /= 1000;
	}
	snprintf(cell, CELL, "%.*f%c",
		 value < 9.95 && width >= 4 ? 1 : 0, value, letters[i]);
	return cell;
}

const char *cell_count(char cell[CELL], uint64_t value, unsigned width)
{
	int length = snprintf(cell, CELL, "%llu", (unsigned long long)value);

	if (length > (int)width) {
		return scaled(cell, (double)value, width);
	}
	return cell;
}

const char *cell_us(char cell[CELL], uint64_t ns, unsigned width)
{
	double us = (double)ns / 1000;
	int decimals = us < 9.995 ? 2 : us < 99.95 ? 1 : 0;
	int length = snprintf(cell, CELL, "%.*f", decimals, us);

	if (length > (int)width) {
		return scaled(cell, us, width);
	}
	return cell;
}

/*
 * Bytes of the UTF-8 character at s, 0 if it is not one, is a control
 * character, or would change how others are shown.
 */
static unsigned character(const unsigned char *s)
{
	unsigned i, length;
	uint32_t code;

	if (s[0] < 0x80) {
		return s[0] >= 0x20 && s[0] != 0x7f ? 1 : 0;
	}
	length = s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;
	if (s[0] < 0xc2 || s[0] > 0xf4) {
		return 0;
	}
	code = s[0] & (0x7fu >> length);
	for (i = 1; i < length; i++) {
		if ((s[i] & 0xc0) != 0x80) {
			return 0;
		}
		code = code << 6 | (s[i] & 0x3f);
	}
	if ((length == 3 && code < 0x800) || (length == 4 && code < 0x10000) ||
	    code > 0x10ffff || (code >= 0xd800 && code < 0xe000) ||
	    code < 0xa0 ||			/* C1 controls */
	    (code >= 0x200b && code <= 0x200f) || /* directions, zero width */
	    (code >= 0x2028 && code <= 0x202e) ||
	    (code >= 0x2066 && code <= 0x2069) || code == 0xfeff) {
		return 0;
	}
	return length;
}

char *escape_text(const char *text)
{
	const unsigned char *s = (const unsigned char *)text;
	char *escaped = malloc(strlen(text) * 4 + 1);
	char *to = escaped;

	if (escaped == NULL) {
		return NULL;
	}
	while (*s != '\0') {
		unsigned length = *s == '\\' ? 0 : character(s);

		if (length != 0) {
			memcpy(to, s, length);
			to += length;
			s += length;
		} else if (*s == '\\') {
			memcpy(to, "\\\\", 2);
			to += 2;
			s++;
		} else {
			to += sprintf(to, "\\x%02x", *s++);
		}
	}
	*to = '\0';
	return escaped;
}

unsigned text_columns(const char *text)
{
	unsigned columns = 0;

	for (; *text != '\0'; text++) {
		columns += ((unsigned char)*text & 0xc0) != 0x80;
	}
	return columns;
}

void text_cut(char *text, unsigned width)
{
	unsigned kept = 0;

	if (text_columns(text) <= width) {
		return;
	}
	for (; ; text++) {
		if (((unsigned char)*text & 0xc0) != 0x80 &&
		    kept++ == width - 2) {
			strcpy(text, "..");
			return;
		}
	}
}

void print_name(FILE *out, const char *text, unsigned width)
{
	char *escaped = escape_text(text);

	if (escaped == NULL) {
		return;
	}
	text_cut(escaped, width);
	fprintf(out, "%s%*s", escaped, (int)(width - text_columns(escaped)),
		"");
	free(escaped);
}

unsigned terminal_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col >= 40) {
		return size.ws_col;
	}
	if (columns != NULL && atoi(columns) >= 40) {
		return (unsigned)atoi(columns);
	}
	return DEFAULT_WIDTH;
}

unsigned terminal_height(FILE *out)
{
	struct winsize size;

	return isatty(fileno(out)) &&
		ioctl(fileno(out), TIOCGWINSZ, &size) == 0 ? size.ws_row : 0;
}
