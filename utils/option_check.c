/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "option_check.h"

static const char *const names[] = {
	[OPTION_OPS] = "--ops",
	[OPTION_DISTRIBUTION] = "--distribution",
	[OPTION_BY] = "--by",
	[OPTION_INTERVAL] = "--interval",
	[OPTION_COUNT] = "--count",
	[OPTION_SHARE] = "--share",
	[OPTION_USER] = "--user",
	[OPTION_CLIENT] = "--client",
	[OPTION_JSON] = "--json",
	[OPTION_TREE] = "--tree",
	[OPTION_FOLDED] = "--folded",
	[OPTION_OPENMETRICS] = "--openmetrics",
	[OPTION_PROMETHEUS] = "--prometheus",
	[OPTION_FOLLOW] = "--follow",
	[OPTION_LISTEN] = "--listen",
	[OPTION_MAX_SHARES] = "--max-shares",
	[OPTION_CONFIGFILE] = "--configfile",
	[OPTION_SEGMENTS] = "--segments",
};

#define OPTIONS (sizeof(names) / sizeof(names[0]))

#define WHERE (GIVEN(OPTION_CONFIGFILE) | GIVEN(OPTION_SEGMENTS))
#define FILTERS (GIVEN(OPTION_SHARE) | GIVEN(OPTION_USER) | \
		 GIVEN(OPTION_CLIENT))
#define INTERVALS (GIVEN(OPTION_INTERVAL) | GIVEN(OPTION_COUNT))
#define TABLES (GIVEN(OPTION_OPS) | GIVEN(OPTION_DISTRIBUTION))
#define TREES (GIVEN(OPTION_TREE) | GIVEN(OPTION_FOLDED))
#define METRICS (GIVEN(OPTION_OPENMETRICS) | GIVEN(OPTION_PROMETHEUS))
#define LABELS (GIVEN(OPTION_BY) | GIVEN(OPTION_MAX_SHARES))
#define ANY 0xffu

#define OUTPUT(output) (1u << (output))

/* The first row of the command with this output counts. */
static const struct {
	const char *command;
	unsigned outputs;
	const char *called;
	uint32_t takes;
} uses[] = {
	{ "", OUTPUT(OUTPUT_TREE), "--tree",
	  TREES | GIVEN(OPTION_OPS) | FILTERS | INTERVALS | WHERE },
	{ "", OUTPUT(OUTPUT_FOLDED), "--folded",
	  TREES | GIVEN(OPTION_OPS) | FILTERS | INTERVALS | WHERE },
	{ "", OUTPUT(OUTPUT_OPENMETRICS), "--openmetrics",
	  METRICS | LABELS | FILTERS | WHERE },
	{ "", OUTPUT(OUTPUT_PROMETHEUS), "--prometheus",
	  METRICS | LABELS | FILTERS | WHERE },
	{ "", ANY, "a report",
	  TABLES | GIVEN(OPTION_BY) | GIVEN(OPTION_JSON) | FILTERS |
	  INTERVALS | WHERE },
	{ "slow", ANY, "slow",
	  GIVEN(OPTION_FOLLOW) | GIVEN(OPTION_JSON) | FILTERS | WHERE },
	{ "exporter", ANY, "exporter",
	  GIVEN(OPTION_LISTEN) | LABELS | FILTERS | WHERE },
	{ "merge", ANY, "merge", TABLES | TREES | GIVEN(OPTION_JSON) },
	{ "status", ANY, "status", GIVEN(OPTION_JSON) | WHERE },
	{ "control", ANY, "on, off, reset or threshold", WHERE },
};

int option_check(const char *command, enum output output, uint32_t given)
{
	unsigned i, o;

	for (i = 0; strcmp(uses[i].command, command) != 0 ||
	     (uses[i].outputs & OUTPUT(output)) == 0; i++) {
		;
	}
	for (o = 1; o < OPTIONS; o++) {
		if (given & ~uses[i].takes & GIVEN(o)) {
			return wrong_usage("%s is not for %s", names[o],
					   uses[i].called);
		}
	}
	return EXIT_OK;
}
