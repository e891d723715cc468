/*
 * Which options each command takes: one that would be ignored is an error.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OPTION_CHECK_H
#define OPTION_CHECK_H

#include <stdint.h>

#include "commands.h"

/* What popt returns for each option, from 1 on. */
enum option {
	OPTION_OPS = 1,
	OPTION_DISTRIBUTION,
	OPTION_BY,
	OPTION_INTERVAL,
	OPTION_COUNT,
	OPTION_SHARE,
	OPTION_USER,
	OPTION_CLIENT,
	OPTION_JSON,
	OPTION_TREE,
	OPTION_FOLDED,
	OPTION_OPENMETRICS,
	OPTION_PROMETHEUS,
	OPTION_FOLLOW,
	OPTION_LISTEN,
	OPTION_MAX_SHARES,
	OPTION_CONFIGFILE,
	OPTION_SEGMENTS,
	/* They are commands themselves, and what else is there is ignored. */
	OPTION_LIST_OPS,
	OPTION_VERSION,
	OPTION_HELP,
};

#define GIVEN(option) ((uint32_t)1 << (option))

/*
 * Checks the options given to a command: "" for a report, "control" for on,
 * off, reset and threshold, else its word. Returns EXIT_OK, or EXIT_USAGE
 * after a message.
 */
int option_check(const char *command, enum output output, uint32_t given);

#endif
