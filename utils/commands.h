/*
 * The commands of smblatency-stat: one file command_NAME.c each. A command
 * gets the options and returns the exit code of the program.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef COMMANDS_H
#define COMMANDS_H

#include <stdbool.h>

#include "report.h"

enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

enum output {
	OUTPUT_TEXT,
	OUTPUT_JSON,
	OUTPUT_TREE,
	OUTPUT_FOLDED,
	OUTPUT_OPENMETRICS,
	OUTPUT_PROMETHEUS,
};

/*
 * Where the exporter listens: beyond the range that Prometheus keeps a list of,
 * which is full, and not where smbd's own endpoint does (9922).
 */
#define LISTEN_DEFAULT "127.0.0.1:19922"

struct options {
	struct report_options report;
	enum output output;
	const char *segments;		/* --segments, NULL: ask testparm */
	const char *configfile;		/* of testparm; NULL: Samba's own */
	double interval;		/* seconds; 0: one report */
	unsigned long count;		/* of intervals; 0: no end */
	bool follow;
	const char *listen;		/* ADDRESS:PORT */
	unsigned max_shares;		/* with labels of their own */
};

/* A report since smbd started counting, or since the last reset. */
int command_report(const struct options *options);

/* Reports on one interval after the other. */
int command_interval(const struct options *options);

/* The slow operations. */
int command_slow(const struct options *options);

/* target: "all", "smbd" or a pid; words: "on", ..., NULL at the end. */
int command_control(const struct options *options, const char *target,
		    const char *const *words);

/* Metrics to standard output. */
int command_metrics(const struct options *options);

/* Serves metrics by HTTP until it is told to end. */
int command_exporter(const struct options *options);

/* Sums up the reports in these files, NULL at the end. */
int command_merge(const struct options *options, const char *const *files);

/* ---------------------- what several of them need ------------------------ */

/* "smblatency-stat: ..." to stderr; returns EXIT_FAILED. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same about the words of the command line; returns EXIT_USAGE. */
int wrong_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Prints a report as the options say. Returns the exit code. */
int show_report(const struct options *options, const struct report *report);

/*
 * Writes out what has been printed. Returns EXIT_OK, or EXIT_FAILED after a
 * message, which comes once.
 */
int flush_output(void);

/*
 * Says which segments of a snapshot could not be read: each text once, however
 * often it comes again.
 */
void print_problems(const struct snapshot *snapshot);

/*
 * SIGINT and SIGTERM are to be waited for, from now on. wait_until() returns
 * true if one of them came before CLOCK_MONOTONIC had reached the time. If
 * nobody reads stdout any more, it ends the program as writing to it would.
 */
void catch_signals(void);
bool wait_until(uint64_t monotonic_ns);
void wait_for_signal(void);

#endif
