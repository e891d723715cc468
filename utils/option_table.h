/*
 * THE table of options, in the order of --help.
 *
 * From a row come the number OPTION_NAME, the option itself, its line in --help
 * (from which the manual page and the completion take it), and its name in
 * messages. Which commands take it is said in command_table.h and
 * view_table.h. Define any of these macros, then include this file; what is
 * not defined expands to nothing, and all of them are undefined at the end.
 *
 *   OPTION_GROUP(title)
 *   OPTION(NAME, name, letter, argument, help)
 *	letter	0: none
 *	argument	NULL: it has none
 *   OPTION_MAYBE(NAME, name, letter, argument, help)
 *	Its argument may be left out: --name, or --name=ARGUMENT. As OPTION()
 *	where that is the only one defined.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OPTION_GROUP
#define OPTION_GROUP(title)
#endif
#ifndef OPTION
#define OPTION(NAME, name, letter, argument, help)
#endif
#ifndef OPTION_MAYBE
#define OPTION_MAYBE OPTION
#endif

OPTION_GROUP("What to report:")
OPTION(OPS, "ops", 's', NULL, "show VFS operations")
OPTION(DISTRIBUTION, "distribution", 'd', NULL, "show distribution histograms")
OPTION(SIZES, "sizes", 0, NULL, "show how many bytes reads and writes moved")
OPTION(BY, "by", 0, "WHAT[,WHAT...]", option_by_help)
OPTION(INTERVAL, "interval", 'i', "SECONDS",
       "report what happened every so many seconds")
OPTION(COUNT, "count", 'c', "COUNT", "end after so many intervals")

OPTION_GROUP("Of the past, as recorded:")
OPTION(FROM, "from", 0, "TIME",
       "from this time on: 14:00, 'yesterday 14:00', -2h, RFC 3339")
OPTION(TO, "to", 0, "TIME", "up to this time (default: now)")
OPTION(AGAINST, "against", 0, "FROM..TO|FILE",
       "beside that time, or a JSON report: what has changed most")
OPTION(DATABASE, "database", 0, "FILE",
       "the history (default: " HISTORY_DATABASE ")")

OPTION_GROUP("Only part of it:")
OPTION(SHARE, "share", 0, "NAME", "only this share")
OPTION(USER, "user", 0, "NAME", "only this Unix user")
OPTION(CLIENT, "client", 0, "ADDR", "only this client address")

OPTION_GROUP("How to print it:")
#define VIEW(NAME, name, letter, takes, help) \
	OPTION(NAME, #name, letter, NULL, help)
#define METRICS_VIEW VIEW
#include "view_table.h"

OPTION_GROUP("For commands:")
OPTION(FOLLOW, "follow", 0, NULL, "slow: go on, showing new ones")
OPTION_MAYBE(DIRS, "dirs", 0, "DEPTH",
	     "files: add up by directory, at most so many levels deep")
OPTION(SORT, "sort", 0, "WHAT",
       "files: sort by time, requests, errors, read or written; top: by this "
       "column")
OPTION(TOP, "top", 0, "COUNT",
       "files: how many (default: 20; 0: all); top -b: how many rows")
OPTION(BATCH, "batch", 'b', NULL,
       "top: print what it would show, interval after interval")
OPTION(TOTAL, "total", 0, NULL,
       "top: start with totals since counting began")
OPTION(OLDER, "older", 0, "SECONDS", "now: only what is older than this")
OPTION(KEEP, "keep", 0, "TIME[/SIZE][,INTERVAL:TIME...]",
       "record: how long to keep intervals, and longer ones they are summed up "
       "by (default: " HISTORY_KEEP ")")
OPTION(EVENTS, "events", 'e', "NAME[,NAME...]",
       "trace: only these operations and requests; request: all requests")
OPTION(PATH, "path", 0, "GLOB", "trace: only requests whose path matches")
OPTION(LONGER, "longer", 0, "MS", "trace: only what took MS milliseconds or "
       "more")
OPTION(TIME, "time", 't', "SECONDS", "trace: end after so many seconds")
OPTION(SUMMARY, "summary", 'C', NULL,
       "trace: print only how often and how long, at the end")
OPTION(PERFETTO, "perfetto", 0, NULL,
       "trace: print it for Perfetto's UI or chrome://tracing")
OPTION(LISTEN, "listen", 0, "ADDRESS:PORT",
       "exporter: where to listen (default: " LISTEN_DEFAULT ")")
OPTION(MAX_SHARES, "max-shares", 0, "COUNT",
       "metrics: count shares beyond so many as (others) (default: 50)")
OPTION(RESOLUTION, "resolution", 0, "1|2|4|8",
       "metrics: so many buckets for each power of two (default: 1)")

OPTION_GROUP("Other options:")
OPTION(CONFIGFILE, "configfile", 0, "FILE",
       "the smb.conf to ask testparm about")
OPTION(SEGMENTS, "segments", 0, "DIR",
       "directory of the segments (default: as testparm says)")
/* These three are commands themselves, and what else is there is ignored. */
OPTION(LIST_OPS, "list-ops", 0, NULL,
       "list the VFS operations that are measured")
OPTION(VERSION, "version", 'V', NULL, "print the version")
OPTION(HELP, "help", 'h', NULL, "print this help text")

#undef OPTION_GROUP
#undef OPTION
#undef OPTION_MAYBE
