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
 * Prints text, escaped (see escape.h), left-aligned in `width` columns; longer
 * ones are cut, with ".." where the rest was. print_end_of_name() cuts the
 * front: for addresses and paths, which begin alike. name_columns() says how
 * many columns a text takes like that.
 *
 * Columns are those of wcwidth(): two for East Asian wide characters, none for
 * combining ones, if LC_CTYPE is a UTF-8 locale.
 */
void print_name(FILE *out, const char *text, unsigned width);
void print_end_of_name(FILE *out, const char *text, unsigned width);
unsigned name_columns(const char *text);

/* How many columns an escaped text takes; cuts it to `width` of them. */
unsigned text_columns(const char *text);
void text_cut(char *text, unsigned width);
void text_cut_front(char *text, unsigned width);

/* What is left of a width when some is taken, but at least so much. */
unsigned less(unsigned width, unsigned taken, unsigned least);

/* Columns of the terminal at out; 80 if it is none and COLUMNS is not set. */
unsigned terminal_width(FILE *out);

/* Lines of the terminal at out; 0 if it is none. */
unsigned terminal_height(FILE *out);

#endif
