/*
 * What a time stamp takes, in ns: prints "rdtsc" and "clock_gettime", each with
 * the fastest of many rounds of a loop, the loop itself taken off.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdint.h>
#include <stdio.h>
#include <time.h>

#define LOOPS 20000
#define ROUNDS 101

static volatile uint64_t sink;

static uint64_t gettime(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static uint64_t nothing(void)
{
	return sink;
}

#if defined(__x86_64__)
static uint64_t rdtsc(void)
{
	return __builtin_ia32_rdtsc();
}
#endif

/* The call of stamp() itself is the same for all. */
static double fastest(uint64_t (*stamp)(void))
{
	uint64_t best = UINT64_MAX;
	int round, i;

	for (round = 0; round < ROUNDS; round++) {
		uint64_t start = gettime();

		for (i = 0; i < LOOPS; i++) {
			sink = stamp();
		}
		start = gettime() - start;
		best = start < best ? start : best;
	}
	return (double)best / LOOPS;
}

int main(void)
{
	double loop = fastest(nothing);

#if defined(__x86_64__)
	printf("rdtsc %.2f\n", fastest(rdtsc) - loop);
#endif
	printf("clock_gettime %.2f\n", fastest(gettime) - loop);
	return 0;
}
