/*
 * What /proc/self/schedstat says.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SCHEDSTAT_H
#define SCHEDSTAT_H

#include <stdint.h>

/*
 * The second of its numbers: nanoseconds that a thread was ready to run without
 * a CPU. 0 if there is none. While CPUs are busy this is read twice a wait, so
 * it does no more than it must: strtoull() costs four times as much.
 */
static inline uint64_t schedstat_wait_ns(const char *text)
{
	uint64_t ns = 0;

	while (*text != ' ' && *text != '\0') {
		text++;
	}
	while (*text == ' ') {
		text++;
	}
	for (; *text >= '0' && *text <= '9'; text++) {
		ns = ns * 10 + (uint64_t)(*text - '0');
	}
	return ns;
}

#endif
