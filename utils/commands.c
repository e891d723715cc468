/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include "columns.h"
#include "commands.h"
#include "time_ns.h"

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
	return flush_output();
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

void print_problems(const struct snapshot *snapshot)
{
	unsigned i;

	for (i = 0; i < snapshot->problem_count; i++) {
		if (is_new(snapshot->problems[i].text)) {
			complain("left out: %s", snapshot->problems[i].text);
		}
	}
}

/* -------------------------------- waiting -------------------------------- */

static int awaited = -1;	/* signalfd */

void catch_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	awaited = signalfd(-1, &signals, SFD_CLOEXEC);
}

/* How long it is until then. */
static struct timespec time_left(uint64_t monotonic_ns)
{
	uint64_t now = clock_read_ns(CLOCK_MONOTONIC);

	return ns_timespec(monotonic_ns > now ? monotonic_ns - now : 0);
}

bool wait_until(uint64_t monotonic_ns)
{
	/* Of stdout only that its other end was closed, which needs no event. */
	struct pollfd fds[] = { { awaited, POLLIN, 0 }, { 1, 0, 0 } };

	for (;;) {
		const struct timespec left = time_left(monotonic_ns);
		int ready = ppoll(fds, 2, &left, NULL);

		if (ready == 0) {
			return false;
		}
		if (ready < 0) {
			continue;	/* EINTR: it was stopped, and goes on */
		}
		if (fds[0].revents != 0) {
			return true;
		}
		if (fds[1].revents & (POLLERR | POLLHUP)) {
			raise(SIGPIPE);
			/* It is ignored: the next write will say why. */
		}
		fds[1].fd = -1;
	}
}

void wait_for_signal(void)
{
	struct signalfd_siginfo info;

	while (read(awaited, &info, sizeof(info)) == -1 && errno == EINTR) {
		;
	}
}
