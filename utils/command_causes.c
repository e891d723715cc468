/*
 * The causes that the diagnosis knows; the manual page is made from it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

#include "commands.h"
#include "diagnosis.h"

int command_causes(const struct options *options, const char *const *words)
{
	unsigned i;

	(void)options;
	(void)words;
	for (i = 0; i < CAUSES; i++) {
		const struct cause *c = diagnosis_cause(i);

		printf("%-16s %s: %s\n", c->name, c->title, c->condition);
	}
	return flush_output();
}
