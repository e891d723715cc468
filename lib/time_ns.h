/*
 * Time in nanoseconds, as all of this project counts it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TIME_NS_H
#define TIME_NS_H

#include <stdint.h>
#include <time.h>

#define NS_PER_S 1000000000u

static inline uint64_t timespec_ns(const struct timespec *ts)
{
	return (uint64_t)ts->tv_sec * NS_PER_S + (uint64_t)ts->tv_nsec;
}

static inline struct timespec ns_timespec(uint64_t ns)
{
	return (struct timespec){
		.tv_sec = (time_t)(ns / NS_PER_S),
		.tv_nsec = (long)(ns % NS_PER_S),
	};
}

/* What this clock of the kernel shows. */
static inline uint64_t clock_read_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return timespec_ns(&ts);
}

#endif
