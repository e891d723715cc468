/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "commands.h"

int command_exporter(const struct options *options)
{
	(void)options;
	return complain("the exporter is not written yet");
}
