/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "time_ns.h"
#include "waiting.h"

static int awaited = -1;	/* signalfd */

void catch_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGTERM);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	awaited = signalfd(awaited, &signals, SFD_CLOEXEC);
}

/* How long it is until then. */
static struct timespec time_left(uint64_t monotonic_ns)
{
	uint64_t now = clock_read_ns(CLOCK_MONOTONIC);

	return ns_timespec(monotonic_ns > now ? monotonic_ns - now : 0);
}

bool wait_until(uint64_t monotonic_ns)
{
	/* Of stdout only whether it was closed, which needs no event. */
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
