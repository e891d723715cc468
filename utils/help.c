/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "help.h"
#include "options.h"

#define TEXT_COLUMN 29
#define LAST_COLUMN 79

/* Continues a line with a text, broken at blanks. */
static void print_text(const char *text)
{
	int width = LAST_COLUMN - TEXT_COLUMN;

	while ((int)strlen(text) > width) {
		int length = width;

		while (length > 0 && text[length] != ' ') {
			length--;
		}
		printf("%.*s\n%*s", length, text, TEXT_COLUMN, "");
		text += length + 1;
	}
	puts(text);
}

static void print_line(const char *what, const char *text)
{
	int column = printf("    %s", what);

	if (column > TEXT_COLUMN - 3) {
		putchar('\n');
		column = 0;
	}
	printf("%*s# ", TEXT_COLUMN - 2 - column, "");
	print_text(text);
}

static void print_command(const char *target, const char *word,
			  const char *arguments, const char *text)
{
	char what[64];

	snprintf(what, sizeof(what), "%s%s%s%s", target, word,
		 word[0] != '\0' && arguments[0] != '\0' ? " " : "", arguments);
	print_line(what, text);
}

static void print_option(const char *name, char letter, const char *argument,
			 const char *text)
{
	char before[4] = "   ", what[64];

	if (letter != '\0') {
		snprintf(before, sizeof(before), "-%c,", letter);
	}
	snprintf(what, sizeof(what), "%s --%s%s%s", before, name,
		 argument != NULL ? "=" : "", argument != NULL ? argument : "");
	print_line(what, text);
}

void help_print(void)
{
	puts("Show where the time of Samba's clients goes\n\n"
	     "USAGE: smblatency-stat [OPTIONS] [PID|COMMAND]\n\nCommands:");
#define COMMAND(name, word, arguments, takes, help) \
	print_command("", word, arguments, help);
#define TARGET_COMMAND(name, word, arguments, takes, help) \
	print_command("TARGET ", word, arguments, help);
#include "command_table.h"
#define OPTION_GROUP(title) puts("\n" title);
#define OPTION(NAME, name, letter, argument, help) \
	print_option(name, letter, argument, help);
#include "option_table.h"
}
