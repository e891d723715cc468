/*
 * What a command tells its caller: messages, and the exit code.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef COMPLAIN_H
#define COMPLAIN_H

#include "snapshot.h"

enum {
	EXIT_OK = 0,
	EXIT_FAILED = 1,
	EXIT_USAGE = 2,
};

/* "smblatency-stat: ..." to stderr; returns EXIT_FAILED. */
int complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* The same about the words of the command line; returns EXIT_USAGE. */
int wrong_usage(const char *format, ...) __attribute__((format(printf, 1, 2)));

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
void print_left_out(const struct latency_error *problems, unsigned count);

#endif
