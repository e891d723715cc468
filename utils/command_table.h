/*
 * THE table of commands, in the order of --help.
 *
 * From a row come what runs the command, the check of its options, and its line
 * in --help (from which the manual page and the completion take it). Define any
 * of these macros, then include this file; what is not defined expands to
 * nothing, and all of them are undefined at the end.
 *
 *   COMMAND(name, word, arguments, takes, help)
 *   TARGET_COMMAND(name, word, arguments, takes, help)
 *	The second kind comes after "all", "smbd" or a pid. Both are functions
 *	command_name(), most of them in command_name.c.
 *	word	"": what is done without a command
 *	arguments	"": it has none
 *	takes	GIVEN() of its options, see options.h
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef COMMAND
#define COMMAND(name, word, arguments, takes, help)
#endif
#ifndef TARGET_COMMAND
#define TARGET_COMMAND(name, word, arguments, takes, help)
#endif

/* Its options are those of the view, see view_table.h. */
COMMAND(report, "", "[PID]", 0,
	"what all smbds, or this one, have done since they started counting, "
	"or with -i in each interval")
COMMAND(slow, "slow", "",
	GIVEN(OPTION_FOLLOW) | GIVEN(OPTION_JSON) | TAKES_PAST |
	TAKES_FILTERS | TAKES_WHERE,
	"the latest operations above latency:slow threshold")
COMMAND(errors, "errors", "",
	GIVEN(OPTION_BY) | TAKES_INTERVALS | TAKES_PAST | TAKES_FILTERS |
	TAKES_WHERE,
	"which errors there were, and which of them are failures")
COMMAND(now, "now", "[PID]",
	GIVEN(OPTION_OLDER) | GIVEN(OPTION_JSON) | TAKES_INTERVALS |
	TAKES_FILTERS | TAKES_WHERE,
	"what all smbds, or this one, are doing now, the oldest first")
COMMAND(top, "top", "[WHAT] [PID]",
	GIVEN(OPTION_BATCH) | GIVEN(OPTION_TOTAL) | GIVEN(OPTION_SORT) |
	GIVEN(OPTION_TOP) | TAKES_INTERVALS | TAKES_FILTERS | TAKES_WHERE,
	"a full screen of the busiest requests, or of what is named: op, "
	"client, user, share, process, layer, file, now")
COMMAND(trace, "trace", "[PID]",
	GIVEN(OPTION_EVENTS) | GIVEN(OPTION_PATH) | GIVEN(OPTION_LONGER) |
	GIVEN(OPTION_TIME) | GIVEN(OPTION_SUMMARY) | GIVEN(OPTION_JSON) |
	GIVEN(OPTION_PERFETTO) |
	TAKES_FILTERS | TAKES_WHERE,
	"each request and operation of all smbds, or of this one, as it ends")
COMMAND(why, "why", "",
	GIVEN(OPTION_INTERVAL) | GIVEN(OPTION_JSON) | TAKES_PAST |
	TAKES_FILTERS | TAKES_WHERE,
	"where the clients' time goes, and what to do about it")
COMMAND(html, "html", "",
	TAKES_PAST | GIVEN(OPTION_AGAINST) | TAKES_FILTERS | TAKES_WHERE,
	"a page for a browser with all of that, as one file to keep or send")
COMMAND(causes, "causes", "", 0, "the causes that why knows")
COMMAND(files, "files", "[PID]",
	GIVEN(OPTION_DIRS) | GIVEN(OPTION_SORT) | GIVEN(OPTION_TOP) |
	GIVEN(OPTION_BY) | GIVEN(OPTION_JSON) | TAKES_INTERVALS | TAKES_PAST |
	TAKES_FILTERS | TAKES_WHERE,
	"which files, or directories, the requests were for")
COMMAND(connections, "connections", "[PID]",
	GIVEN(OPTION_CLIENT) | GIVEN(OPTION_JSON) | TAKES_WHERE,
	"round trips, losses and protection of the clients' connections")
TARGET_COMMAND(on, "on", "", TAKES_WHERE,
	       "measure; TARGET is all, smbd or a PID")
TARGET_COMMAND(off, "off", "", TAKES_WHERE, "do not measure")
TARGET_COMMAND(reset, "reset", "", TAKES_WHERE,
	       "make reports count from now on")
TARGET_COMMAND(threshold, "threshold", "MS", TAKES_WHERE,
	       "operations of MS milliseconds or more are slow; 0: none; "
	       "smb.conf: as set there")
TARGET_COMMAND(status, "status", "", GIVEN(OPTION_JSON) | TAKES_WHERE,
	       "what is measured, and since when")
COMMAND(exporter, "exporter", "",
	GIVEN(OPTION_LISTEN) | TAKES_METRICS | TAKES_FILTERS | TAKES_WHERE,
	"serve metrics to Prometheus")
COMMAND(doctor, "doctor", "", GIVEN(OPTION_JSON) | TAKES_WHERE,
	"what is wrong with the installation, and what to do")
COMMAND(record, "record", "",
	GIVEN(OPTION_KEEP) | GIVEN(OPTION_DATABASE) | TAKES_INTERVALS |
	TAKES_WHERE,
	"record what happens, for --from and --to")
COMMAND(history, "history", "", GIVEN(OPTION_DATABASE) | GIVEN(OPTION_JSON),
	"what is recorded")
COMMAND(merge, "merge", "FILE...",
	TAKES_TABLES | GIVEN(OPTION_JSON) | GIVEN(OPTION_TREE) |
	GIVEN(OPTION_FOLDED), "add up JSON reports of several nodes")

#undef COMMAND
#undef TARGET_COMMAND
