/*
 * What something small takes: calls it in a loop and prints the nanoseconds of
 * one turn, in the fastest of the rounds. From that, a turn that does nothing
 * is to be taken off.
 *
 *	time_loop WHAT LOOPS ROUNDS
 *
 * WHAT:
 *	nothing
 *	probe		the test whether somebody listens; nobody may
 *	rdtsc		a time stamp; nothing, too, where there is no TSC
 *	clock_gettime	the other time stamp
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "latency_clock.h"
#include "latency_probes.h"

PROBE_SEMAPHORE(vfs_latency, turn);

static volatile uint64_t sink;
static unsigned long heard;		/* turns that somebody listened to */

static uint64_t nothing(void)
{
	return sink;
}

static uint64_t probe(void)
{
	/* A branch, as before everything a probe does. */
	if (PROBE_IS_ON(vfs_latency, turn)) {
		heard++;
	}
	return sink;
}

static uint64_t gettime(void)
{
	return clock_ns(CLOCK_MONOTONIC);
}

static const struct {
	const char *name;
	uint64_t (*call)(void);
} things[] = {
	{ "nothing", nothing },
	{ "probe", probe },
	{ "rdtsc", clock_tsc },
	{ "clock_gettime", gettime },
};

static double fastest(uint64_t (*call)(void), unsigned long loops,
		      unsigned long rounds)
{
	uint64_t best = UINT64_MAX;
	unsigned long i;

	for (; rounds > 0; rounds--) {
		uint64_t start = gettime();

		for (i = 0; i < loops; i++) {
			sink = call();
		}
		start = gettime() - start;
		best = start < best ? start : best;
	}
	return (double)best / (double)loops;
}

int main(int argc, char **argv)
{
	size_t count = sizeof(things) / sizeof(things[0]);
	size_t i = 0;
	double ns;

	while (argc == 4 && i < count && strcmp(argv[1], things[i].name) != 0) {
		i++;
	}
	if (argc != 4 || i == count) {
		fprintf(stderr, "usage: time_loop nothing|probe|rdtsc|"
			"clock_gettime LOOPS ROUNDS\n");
		return 2;
	}
	ns = fastest(things[i].call, strtoul(argv[2], NULL, 10),
		     strtoul(argv[3], NULL, 10));
	if (heard != 0) {
		fprintf(stderr, "time_loop: somebody listens\n");
		return 1;
	}
	printf("%.4f\n", ns);
	return 0;
}
