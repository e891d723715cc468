/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "help.h"

#define TEXT_COLUMN 29
#define LAST_COLUMN 79

static const struct {
	const char *words;
	const char *text;
} commands[] = {
	{ "[PID]", "what all smbds, or this one, have done since they started "
	  "counting, or with -i in each interval" },
	{ "slow", "the latest operations above latency:slow threshold" },
	{ "TARGET on", "measure; TARGET is all, smbd or a PID" },
	{ "TARGET off", "do not measure" },
	{ "TARGET reset", "let reports count from now on" },
	{ "TARGET threshold MS", "operations from MS milliseconds on are slow; "
	  "0: none; smb.conf: as it says there" },
	{ "TARGET status", "what is measured, since when" },
	{ "exporter", "serve metrics to Prometheus" },
	{ "merge FILE...", "sum up JSON reports of several nodes" },
};

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

static void print_option(const struct poptOption *o)
{
	char letter[4] = "   ", what[64];

	if (o->shortName != '\0') {
		snprintf(letter, sizeof(letter), "-%c,", o->shortName);
	}
	snprintf(what, sizeof(what), "%s --%s%s%s", letter, o->longName,
		 o->argDescrip != NULL ? "=" : "",
		 o->argDescrip != NULL ? o->argDescrip : "");
	print_line(what, o->descrip);
}

void help_print(const struct poptOption *groups)
{
	unsigned i;

	puts("Show where the time of Samba's clients goes\n\n"
	     "USAGE: smblatency-stat [OPTIONS] [PID|COMMAND]\n\nCommands:");
	for (i = 0; i < sizeof(commands) / sizeof(commands[0]); i++) {
		print_line(commands[i].words, commands[i].text);
	}
	for (; groups->arg != NULL; groups++) {
		const struct poptOption *o = groups->arg;

		printf("\n%s\n", groups->descrip);
		for (; o->longName != NULL; o++) {
			print_option(o);
		}
	}
}
