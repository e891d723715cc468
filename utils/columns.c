/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "columns.h"
#include "escape.h"

#define DEFAULT_WIDTH 80
#define WIDTH_MAX 10000

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
 * Columns of the character at s, of which it says how many bytes it has. What
 * cannot be decoded, or is new since the C library was made, counts as one.
 */
static unsigned character_columns(const char *s, unsigned *length)
{
	uint32_t code;
	int columns;

	*length = utf8_decode(s, &code);
	if (*length == 0) {
		*length = 1;
		return 1;
	}
	columns = wcwidth((wchar_t)code);
	return columns >= 0 ? (unsigned)columns : 1;
}

unsigned text_columns(const char *text)
{
	unsigned columns = 0, length;

	for (; *text != '\0'; text += length) {
		columns += character_columns(text, &length);
	}
	return columns;
}

/* The first bytes of a text, as many as fit in `width` columns. */
static size_t bytes_within(const char *text, unsigned width)
{
	unsigned columns = 0, length;
	size_t bytes;

	for (bytes = 0; text[bytes] != '\0'; bytes += length) {
		columns += character_columns(text + bytes, &length);
		if (columns > width) {
			break;
		}
	}
	return bytes;
}

void text_cut(char *text, unsigned width)
{
	const unsigned dots = width < 2 ? width : 2;

	if (text_columns(text) > width) {
		/* What is cut off has more columns, so more bytes. */
		strcpy(text + bytes_within(text, width - dots),
		       &".."[2 - dots]);
	}
}

void text_cut_front(char *text, unsigned width)
{
	const unsigned dots = width < 2 ? width : 2;
	unsigned columns = text_columns(text);
	const char *rest = text;
	unsigned length;

	if (columns <= width) {
		return;
	}
	while (columns > width - dots) {
		columns -= character_columns(rest, &length);
		rest += length;
	}
	memmove(text + dots, rest, strlen(rest) + 1);
	memcpy(text, "..", dots);
}

static void print_cut(FILE *out, const char *text, unsigned width,
		      void (*cut)(char *text, unsigned width))
{
	char *escaped = escape_text(text);

	if (escaped == NULL) {
		return;
	}
	cut(escaped, width);
	fprintf(out, "%s%*s", escaped, (int)(width - text_columns(escaped)),
		"");
	free(escaped);
}

void print_name(FILE *out, const char *text, unsigned width)
{
	print_cut(out, text, width, text_cut);
}

void print_end_of_name(FILE *out, const char *text, unsigned width)
{
	print_cut(out, text, width, text_cut_front);
}

unsigned name_columns(const char *text)
{
	char *escaped = escape_text(text);
	unsigned columns = escaped != NULL ? text_columns(escaped) : 0;

	free(escaped);
	return columns;
}

unsigned less(unsigned width, unsigned taken, unsigned least)
{
	return width >= taken && width - taken > least ? width - taken : least;
}

unsigned terminal_width(FILE *out)
{
	const char *columns = getenv("COLUMNS");
	struct winsize size;

	if (ioctl(fileno(out), TIOCGWINSZ, &size) == 0 && size.ws_col != 0) {
		return size.ws_col;
	}
	if (columns != NULL && atoi(columns) > 0 &&
	    atoi(columns) <= WIDTH_MAX) {
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
