/*
 * Time stamps: nanoseconds of CLOCK_MONOTONIC, as cheaply as they can be had.
 *
 * Where the kernel itself keeps time by the TSC, a stamp is rdtsc, scaled; the
 * scale comes from comparing both clocks over at least 10 ms, and both are
 * compared again every second, when the scaled clock is also set to the right
 * time. Elsewhere, in the first moments, and for good once the two disagree by
 * more than the kernel's own limit for slewing (500 ppm), a stamp is
 * clock_gettime().
 *
 * Either way it is the same time scale, so stamps may be mixed and may be
 * compared with CLOCK_MONOTONIC of other processes, to about a microsecond.
 * Setting the clock may step it back by some nanoseconds; it happens only
 * between two event-loop turns, never within a synchronous call.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LATENCY_CLOCK_H
#define LATENCY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct latency_clock {
	uint64_t tsc;			/* 1: ticks are of the TSC, 0: ns */
	uint64_t scale;			/* ns per tick, times 2^32 */
	uint64_t base_tsc;
	uint64_t base_ns;		/* CLOCK_MONOTONIC at base_tsc */
	uint64_t realtime_offset;	/* see clock_realtime_offset() */
} __attribute__((aligned(64)));

extern struct latency_clock latency_clock
	__attribute__((visibility("hidden")));

static inline uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* clock_ns(CLOCK_MONOTONIC), out of the way of who rarely needs it. */
uint64_t clock_monotonic(void) __attribute__((cold));

/* The TSC; 0 where there is none. */
static inline uint64_t clock_tsc(void)
{
#if defined(__x86_64__)
	return __builtin_ia32_rdtsc();
#else
	return 0;
#endif
}

/* Now, in nanoseconds. */
static inline uint64_t clock_now(void)
{
	if (__builtin_expect(latency_clock.tsc, 1)) {
		return latency_clock.base_ns +
			(uint64_t)((unsigned __int128)
				   (clock_tsc() - latency_clock.base_tsc) *
				   latency_clock.scale >> 32);
	}
	return clock_monotonic();
}

/*
 * The same without the scaling: ticks are only good for being turned into
 * nanoseconds by clock_scale(), within the same event-loop turn.
 */
static inline uint64_t clock_ticks(void)
{
	return __builtin_expect(latency_clock.tsc, 1) ? clock_tsc() :
		clock_monotonic();
}

/*
 * Ticks as nanoseconds; more than CLOCK_MAX_NS if their number is negative,
 * since CPUs may disagree by some ticks.
 */
#define CLOCK_MAX_NS ((uint64_t)1 << 60)
static inline uint64_t clock_scale(uint64_t ticks)
{
	uint64_t ns = (uint64_t)((unsigned __int128)ticks *
				 latency_clock.scale >> 32);

	/* Else the compiler keeps copies of what was a part of the product. */
	__asm__("" : "+r"(ns));
	return ns;
}

/* Nanoseconds from start to end, 0 if the clock was set back in between. */
static inline uint64_t clock_span(uint64_t start, uint64_t end)
{
	return end > start ? end - start : 0;
}

/* Starts over, in this process. */
void clock_init(void);

/*
 * Calibrates or checks if it is time to. now_ns is a current stamp; not to be
 * called within a synchronous call. Returns true if a second has passed.
 */
bool clock_maintain(uint64_t now_ns);

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, looked at once a second, in ns. */
static inline uint64_t clock_realtime_offset(void)
{
	return latency_clock.realtime_offset;
}

#endif
