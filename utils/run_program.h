/*
 * Other programs that know more: testparm, smbd.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef RUN_PROGRAM_H
#define RUN_PROGRAM_H

#include <stdbool.h>
#include <stdio.h>
#include <sys/types.h>

/*
 * Runs a program with these arguments, NULL at the end, and returns a stream
 * of what it prints; with_stderr: of its complaints, too, which are thrown
 * away otherwise. NULL with errno if it cannot be run.
 */
FILE *program_run(const char *const *argv, bool with_stderr, pid_t *pid);

/* Closes the stream and waits for the end. Returns true if that was exit 0. */
bool program_end(FILE *f, pid_t pid);

/*
 * The first line that a program prints, "" if there is none. Returns false if
 * it cannot be run, or fails.
 */
bool program_first_line(const char *const *argv, char *line, size_t size);

#endif
