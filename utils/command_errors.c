/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "commands.h"

int command_errors(const struct options *options, const char *const *words)
{
	struct options all = *options;

	all.output = OUTPUT_ERRORS;
	all.report.ops = true;
	return command_report(&all, words);
}
