/*
 * The causes that the diagnosis knows; the manual page is made from it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

#include "commands.h"
#include "diagnosis.h"
#include "wrapped.h"

#define NAME 16

static void print_cause(const struct cause *c)
{
	char text[1024];

	printf("%-*s ", NAME, c->name);
	snprintf(text, sizeof(text), "%s: %s", c->title, c->condition);
	print_sentence(text, NAME + 1);
}

int command_causes(const struct options *options, const char *const *words)
{
	unsigned i;

	(void)options;
	(void)words;
	for (i = 0; i < CAUSES; i++) {
		print_cause(diagnosis_cause(i));
	}
	return flush_output();
}
