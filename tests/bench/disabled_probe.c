/*
 * For the benchmark of the probes: what it costs that a probe is there while
 * nobody listens, which is the test of its semaphore.
 *
 *	disabled_probe nothing|test LOOPS ROUNDS
 *
 * runs a loop around nothing, or around the test, and prints the nanoseconds
 * of one turn of it, in the fastest of the rounds.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "latency_probes.h"

PROBE_SEMAPHORE(vfs_latency, turn);

static uint64_t now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

static unsigned long nothing(unsigned long loops)
{
	unsigned long on = 0;
	unsigned long i;

	for (i = 0; i < loops; i++) {
		__asm__ volatile("" : "+r"(on));
	}
	return on;
}

static unsigned long test(unsigned long loops)
{
	unsigned long on = 0;
	unsigned long i;

	for (i = 0; i < loops; i++) {
		__asm__ volatile("" : "+r"(on));
		if (PROBE_IS_ON(vfs_latency, turn)) {
			/* A branch, as before everything a probe does. */
			__asm__ volatile("" : "+r"(on));
			on++;
		}
	}
	return on;
}

int main(int argc, char **argv)
{
	unsigned long (*body)(unsigned long);
	unsigned long loops, rounds, i;
	double fastest = 0;

	if (argc != 4 ||
	    (strcmp(argv[1], "nothing") != 0 && strcmp(argv[1], "test") != 0)) {
		fprintf(stderr, "usage: disabled_probe nothing|test LOOPS ROUNDS\n");
		return 2;
	}
	body = strcmp(argv[1], "test") == 0 ? test : nothing;
	loops = strtoul(argv[2], NULL, 10);
	rounds = strtoul(argv[3], NULL, 10);
	for (i = 0; i < rounds; i++) {
		uint64_t start = now();
		unsigned long on = body(loops);
		double ns = (double)(now() - start) / (double)loops;

		if (on != 0) {
			fprintf(stderr, "disabled_probe: somebody listens\n");
			return 1;
		}
		if (i == 0 || ns < fastest) {
			fastest = ns;
		}
	}
	printf("%.4f\n", fastest);
	return 0;
}
