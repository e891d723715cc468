/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "commands.h"

int command_merge(const struct options *options, const char *const *files)
{
	(void)options;
	(void)files;
	return complain("merge is not written yet");
}
