/*
 * The commands of smblatency-stat.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef COMMANDS_H
#define COMMANDS_H

#include "complain.h"
#include "options.h"

/*
 * A command gets the words behind its own, NULL at the end; none if it has no
 * arguments. It returns the exit code of the program.
 */
#define COMMAND(name, word, arguments, takes, help) \
	int command_##name(const struct options *options, \
			   const char *const *words);
#define TARGET_COMMAND COMMAND
#include "command_table.h"

/* What command_report() hands on. */
int command_past(const struct options *options);
int command_interval(const struct options *options);
int command_metrics(const struct options *options);

#endif
