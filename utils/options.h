/*
 * The options of smblatency-stat: what they are, and what was given.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "history_keep.h"
#include "history_db.h"
#include "hot_files.h"
#include "report.h"

enum option {
	OPTION_NONE,
#define OPTION(NAME, name, letter, argument, help) OPTION_##NAME,
#include "option_table.h"
	OPTIONS,
};

#define GIVEN(option) ((uint64_t)1 << (option))

/* Sets of options that are taken together. */
#define TAKES_WHERE (GIVEN(OPTION_CONFIGFILE) | GIVEN(OPTION_SEGMENTS))
#define TAKES_FILTERS (GIVEN(OPTION_SHARE) | GIVEN(OPTION_USER) | \
		       GIVEN(OPTION_CLIENT))
#define TAKES_INTERVALS (GIVEN(OPTION_INTERVAL) | GIVEN(OPTION_COUNT))
#define TAKES_TABLES (GIVEN(OPTION_OPS) | GIVEN(OPTION_DISTRIBUTION) | \
		      GIVEN(OPTION_SIZES))
#define TAKES_PAST (GIVEN(OPTION_FROM) | GIVEN(OPTION_TO) | \
		    GIVEN(OPTION_DATABASE))
#define TAKES_METRICS (GIVEN(OPTION_BY) | GIVEN(OPTION_MAX_SHARES) | \
		       GIVEN(OPTION_RESOLUTION))

enum output {
	OUTPUT_TEXT,			/* where no other is asked for */
#define VIEW(NAME, name, letter, takes, help) OUTPUT_##NAME,
#define METRICS_VIEW VIEW
#include "view_table.h"
	OUTPUTS,
};

/*
 * Where the exporter listens: beyond the range that Prometheus keeps a list of,
 * which is full, and not where smbd's own endpoint does (9922).
 */
#define LISTEN_DEFAULT "127.0.0.1:19922"

struct options {
	uint64_t given;			/* GIVEN() of all that were */
	struct report_options report;
	enum output output;
	const char *segments;		/* --segments, NULL: ask testparm */
	const char *configfile;		/* of testparm; NULL: Samba's own */
	double interval;		/* seconds; 0: one report */
	unsigned long count;		/* of intervals; 0: no end */
	uint64_t from_ns;		/* --from, CLOCK_REALTIME; 0: ever */
	uint64_t to_ns;			/* --to; now if it was not given */
	const char *keep;		/* of the history, and how finely */
	const char *against;		/* --against; NULL: nothing */
	uint64_t against_from_ns;	/* what it says, if it is no file */
	uint64_t against_to_ns;		/* 0: it is one */
	const char *database;		/* of the history */
	uint64_t older_ns;		/* --older */
	char *events;			/* --events, NULL: all */
	const char *path;		/* --path, NULL: any */
	uint64_t longer_ns;		/* --longer */
	uint64_t time_ns;		/* --time; 0: no end */
	const char *sort;		/* --sort; NULL: as the command does */
	enum hot_figure sort_figure;	/* the same; HOT_FIGURE_END: is none */
	unsigned depth;			/* of --dirs; 0: whole directories */
	unsigned top;			/* --top; 0: all */
	const char *listen;		/* ADDRESS:PORT */
	unsigned max_shares;		/* with labels of their own */
	unsigned resolution;		/* of metrics: buckets of an octave */
};

/*
 * Parses the command line. Returns EXIT_OK with the words that are no options,
 * NULL at the end, or EXIT_USAGE after a message. To be called once.
 */
int options_parse(int argc, const char **argv, struct options *options,
		  const char *const **words);

/*
 * Checks that whatever takes these options was given no other: one that would
 * be ignored is an error. called: its name. Returns EXIT_OK, or EXIT_USAGE
 * after a message.
 */
int options_check(const struct options *options, uint64_t takes,
		  const char *called);

extern const char option_by_help[];	/* names the dimensions */

#endif
