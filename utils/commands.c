/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <signal.h>
#include <stdarg.h>
#include <string.h>
#include <time.h>

#include "columns.h"
#include "commands.h"

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

int show_report(const struct options *options, const struct report *report)
{
	unsigned width = terminal_width(stdout);

	switch (options->output) {
	case OUTPUT_TEXT:
		report_text(report, stdout, width);
		break;
	case OUTPUT_JSON:
		report_json(report, stdout);
		break;
	case OUTPUT_TREE:
		report_tree(report, stdout, width);
		break;
	case OUTPUT_FOLDED:
		report_folded(report, stdout);
		break;
	case OUTPUT_OPENMETRICS:
	case OUTPUT_PROMETHEUS:
		/* They are not made of a report, see metrics.h. */
		break;
	}
	if (fflush(stdout) != 0 || ferror(stdout)) {
		return complain("cannot write: %s", strerror(errno));
	}
	return EXIT_OK;
}

void print_problems(const struct snapshot *snapshot)
{
	static char last[sizeof(snapshot->problems[0].text)];
	unsigned i;

	for (i = 0; i < snapshot->problem_count; i++) {
		if (strcmp(snapshot->problems[i].text, last) == 0) {
			continue;
		}
		memcpy(last, snapshot->problems[i].text, sizeof(last));
		complain("left out: %s", last);
	}
}

static sigset_t awaited;

void catch_signals(void)
{
	sigemptyset(&awaited);
	sigaddset(&awaited, SIGINT);
	sigaddset(&awaited, SIGTERM);
	sigprocmask(SIG_BLOCK, &awaited, NULL);
}

bool wait_until(unsigned long long monotonic_ns)
{
	for (;;) {
		unsigned long long left;
		struct timespec now, wait;

		clock_gettime(CLOCK_MONOTONIC, &now);
		left = (unsigned long long)now.tv_sec * 1000000000u +
			(unsigned long long)now.tv_nsec;
		left = monotonic_ns > left ? monotonic_ns - left : 0;
		wait.tv_sec = (time_t)(left / 1000000000u);
		wait.tv_nsec = (long)(left % 1000000000u);
		if (sigtimedwait(&awaited, NULL, &wait) > 0) {
			return true;
		}
		if (errno != EINTR) {
			return false;
		}
	}
}
