/*
 * Numbers and names that fit their column.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef COLUMNS_H
#define COLUMNS_H

#include <stdint.h>
#include <stdio.h>

/* Big enough for any cell. */
#define CELL 64

/*
 * A count in at most `width` characters: exact if it fits, else rounded with
 * k, M, G or T for thousands, millions, ...
 */
const char *cell_count(char cell[CELL], uint64_t value, unsigned width);

/* Nanoseconds as microseconds, with as many decimals as make sense and fit. */
const char *cell_us(char cell[CELL], uint64_t ns, unsigned width);

/*
 * Prints text left-aligned in `width` columns, cut with ".." if it is longer;
 * control characters and invalid UTF-8 are shown as \xNN. Counts columns, not
 * bytes, for UTF-8 outside of East Asian wide characters.
 */
void print_name(FILE *out, const char *text, unsigned width);

/* How many columns a text takes; cuts it with ".." to width of them, >= 2. */
unsigned text_columns(const char *text);
void text_cut(char *text, unsigned width);

/* Escapes text the same way into a string to be freed; NULL: no memory. */
char *escape_text(const char *text);

/* Columns of the terminal at out; 80 if it is none and COLUMNS is not set. */
unsigned terminal_width(FILE *out);

/* Lines of the terminal at out; 0 if it is none. */
unsigned terminal_height(FILE *out);

#endif
