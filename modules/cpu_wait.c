/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"
#include "cpu_wait.h"
#include "schedstat.h"

static int schedstat = -1;

void cpu_wait_open(void)
{
	int saved_errno = errno;

	if (schedstat == -1) {
		schedstat = open("/proc/self/schedstat", O_RDONLY | O_CLOEXEC);
	}
	errno = saved_errno;
}

uint64_t cpu_wait_ns(void)
{
	char text[128];		/* time on a CPU, time without, time slices */
	ssize_t size;

	if (schedstat == -1) {
		return 0;
	}
	size = pread(schedstat, text, sizeof(text) - 1, 0);
	if (size <= 0) {
		return 0;
	}
	text[size] = '\0';
	return schedstat_wait_ns(text);
}

void cpu_wait_forget(void)
{
	if (schedstat != -1) {
		close(schedstat);
		schedstat = -1;
	}
}
