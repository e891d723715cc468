/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "columns.h"
#include "wrapped.h"

unsigned wrapped_width(void)
{
	unsigned width = terminal_width(stdout);

	return width < WRAPPED_WIDTH ? width : WRAPPED_WIDTH;
}

void print_wrapped(const char *text, unsigned column, unsigned indent,
		   unsigned width)
{
	const char *word = text;
	bool first = true;

	while (*word != '\0') {
		size_t length = strcspn(word, " ");
		char copy[4096];
		unsigned columns;

		snprintf(copy, sizeof(copy), "%.*s", (int)length, word);
		columns = text_columns(copy);
		if (!first && column + 1 + columns > width) {
			printf("\n%*s", (int)indent, "");
			column = indent;
			first = true;
		}
		column += printf("%s%s", first ? "" : " ", copy) > 0 ?
			columns + !first : 0;
		first = false;
		word += length;
		word += strspn(word, " ");
	}
	putchar('\n');
}

void print_sentence(const char *text, unsigned column)
{
	if (isatty(STDOUT_FILENO)) {
		print_wrapped(text, column, column, wrapped_width());
	} else {
		puts(text);
	}
}
