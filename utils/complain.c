/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"

#define PROGRAM "smblatency-stat: "

int complain(const char *format, ...)
{
	va_list args;

	fflush(stdout);
	fputs(PROGRAM, stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputc('\n', stderr);
	return EXIT_FAILED;
}

int wrong_usage(const char *format, ...)
{
	va_list args;

	fputs(PROGRAM, stderr);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fputs(" (see smblatency-stat --help)\n", stderr);
	return EXIT_USAGE;
}

int flush_output(void)
{
	static bool failed;

	errno = 0;
	if (fflush(stdout) == 0 && !ferror(stdout)) {
		return EXIT_OK;
	}
	if (!failed) {
		failed = true;
		/* What failed earlier is not known any more. */
		complain("cannot write%s%s", errno != 0 ? ": " : "",
			 errno != 0 ? strerror(errno) : "");
	}
	return EXIT_FAILED;
}

/* ------------------------------- problems -------------------------------- */

#define TOLD_MAX 1024

/* Is this text new? Then it is remembered, unless there is no room. */
static bool is_new(const char *text)
{
	static char *told[TOLD_MAX];
	static unsigned count;
	unsigned i;

	for (i = 0; i < count; i++) {
		if (strcmp(told[i], text) == 0) {
			return false;
		}
	}
	if (count < TOLD_MAX) {
		told[count] = strdup(text);
		count += told[count] != NULL;
	}
	return true;
}

void print_left_out(const struct latency_error *problems, unsigned count)
{
	unsigned i;

	for (i = 0; i < count; i++) {
		if (is_new(problems[i].text)) {
			complain("left out: %s", problems[i].text);
		}
	}
}

void print_problems(const struct snapshot *snapshot)
{
	print_left_out(snapshot->problems, snapshot->problem_count);
}
