/*
 * Time stamps: nanoseconds of CLOCK_MONOTONIC, as cheaply as possible.
 *
 * Where the kernel itself keeps time by the TSC, a stamp is rdtsc, scaled; the
 * scale comes from comparing both clocks twice, at least 10 ms apart.
 * Elsewhere, and in the first moments, a stamp is clock_gettime().
 *
 * The TSC is not trusted blindly: it may run on while the machine is
 * suspended, and a restored virtual machine may find another one. Both clocks
 * are compared
 *  - every second, between two turns of the event loop (clock_maintain());
 *  - by a stamp more than CLOCK_AGE_NS away from the last comparison, such as
 *    the first one after a long wait or a suspend, or after the TSC went back
 *    behind it (clock_now());
 *  - when a span of ticks is CLOCK_DOUBT_NS or more, negative, or zero
 *    (clock_ticks_since()).
 * Each comparison sets the scaled clock right. If the clocks have drifted apart
 * by more than the kernel's own slewing limit (500 ppm), stamps come from
 * clock_gettime() for a while, from the next turn on, and then from the TSC
 * again if the kernel still uses it. So no stamp is ahead by more than
 * CLOCK_AGE_NS, and none stays wrong beyond the next comparison.
 *
 * Here and wherever the module speaks of it, "TSC" also means CNTVCT_EL0, the
 * counter of arm64. Many of those are slow. Below 50 MHz a stamp is
 * clock_gettime(): ops that are shorter than a tick would be spans of zero
 * ticks, and the comparison that these cost takes longer than is saved.
 *
 * Both kinds of stamps share one time scale: they may be mixed, and compared
 * with CLOCK_MONOTONIC of other processes, to about a microsecond. Setting the
 * clock right may step it back, so stamps are subtracted with clock_span().
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LATENCY_CLOCK_H
#define LATENCY_CLOCK_H

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

/* What CLOCK_SOURCE_FILE has where the kernel keeps time by the TSC. */
#if defined(__aarch64__)
#define CLOCK_SOURCE_NAME "arch_sys_counter\n"
#else
#define CLOCK_SOURCE_NAME "tsc\n"
#endif

#ifndef CLOCK_RDTSC			/* a test has clocks of its own */
#if defined(__x86_64__)
#define CLOCK_RDTSC() __builtin_ia32_rdtsc()
#elif defined(__aarch64__)
/*
 * Without a barrier, as rdtsc is: an isb would have each stamp wait for all
 * that the CPU has under way, to be exact to some ns. If that lets a later
 * stamp be the lower one, their span is negative, and so in doubt.
 */
static inline uint64_t clock_read_cntvct(void)
{
	uint64_t ticks;

	__asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
	return ticks;
}
#define CLOCK_RDTSC() clock_read_cntvct()
#else
#define CLOCK_RDTSC() 0			/* there is none */
#endif
#define CLOCK_GETTIME clock_gettime
#endif

#ifndef CLOCK_SOURCE_FILE
#define CLOCK_SOURCE_FILE \
	"/sys/devices/system/clocksource/clocksource0/current_clocksource"
#endif

#define CLOCK_AGE_NS 1100000000u	/* see above */
#define CLOCK_DOUBT_NS 1000000000u

struct latency_clock {
	uint64_t tsc;			/* 1: ticks are of the TSC, 0: ns */
	uint64_t scale;			/* ns per tick, times 2^32 */
	uint64_t base_tsc;
	uint64_t base_ns;		/* CLOCK_MONOTONIC at base_tsc */
	uint64_t age;			/* CLOCK_AGE_NS in ticks; 0: no TSC */
	uint64_t realtime_offset;	/* see clock_realtime_offset() */
} __attribute__((aligned(64)));

extern struct latency_clock latency_clock
	__attribute__((visibility("hidden")));

static inline uint64_t clock_ns(clockid_t id)
{
	struct timespec ts;

	CLOCK_GETTIME(id, &ts);
	return (uint64_t)ts.tv_sec * 1000000000u + (uint64_t)ts.tv_nsec;
}

/* clock_ns(CLOCK_MONOTONIC), out of line. */
uint64_t clock_monotonic(void) __attribute__((cold));

/* clock_now() where the TSC alone does not tell: compares, if there is one. */
uint64_t clock_check(void) __attribute__((cold));

/* The TSC; 0 where there is none. */
static inline uint64_t clock_tsc(void)
{
	return CLOCK_RDTSC();
}

/* Now, in nanoseconds. */
static inline uint64_t clock_now(void)
{
	uint64_t ticks = clock_tsc() - latency_clock.base_tsc;

	if (__builtin_expect(ticks < latency_clock.age, 1)) {
		return latency_clock.base_ns +
			(uint64_t)((unsigned __int128)ticks *
				   latency_clock.scale >> 32);
	}
	return clock_check();
}

/*
 * The same without the scaling: ticks are only good for being turned into
 * nanoseconds by clock_scale() or clock_ticks_since(), within the same
 * event-loop turn.
 */
static inline uint64_t clock_ticks(void)
{
	return __builtin_expect(latency_clock.tsc, 1) ? clock_tsc() :
		clock_monotonic();
}

/*
 * Ticks as nanoseconds. If that is in doubt, ask clock_ticks_since(). Negative
 * ticks always are.
 */
static inline uint64_t clock_scale(uint64_t ticks)
{
	uint64_t ns = (uint64_t)((unsigned __int128)ticks *
				 latency_clock.scale >> 32);

	/* Else the compiler keeps copies of what was a part of the product. */
	__asm__("" : "+r"(ns));
	return ns;
}

/* When it was that many ticks: CLOCK_MONOTONIC in ns, of this turn. */
static inline uint64_t clock_of_ticks(uint64_t ticks)
{
	if (!latency_clock.tsc) {
		return ticks;
	}
	/* The base may be a later one. */
	return latency_clock.base_ns +
		(uint64_t)((__int128)(int64_t)(ticks - latency_clock.base_tsc) *
			   (__int128)latency_clock.scale >> 32);
}

/* Is that more than usual, or nothing, and the TSC may be wrong? */
static inline bool clock_in_doubt(uint64_t ns)
{
	return ns - 1 >= CLOCK_DOUBT_NS - 1;
}

/* Nanoseconds since clock_ticks() was start, whatever the TSC did since. */
uint64_t clock_ticks_since(uint64_t start) __attribute__((cold));

/* Nanoseconds from start to end, 0 if the clock was set back in between. */
static inline uint64_t clock_span(uint64_t start, uint64_t end)
{
	return end > start ? end - start : 0;
}

/* Starts over, in this process. */
void clock_init(void);

/*
 * Calibrates or checks if it is time to. now_ns is a current stamp. Not to be
 * called while ticks are kept, since the next ones may be of the other clock.
 * Returns true if a second has passed.
 */
bool clock_maintain(uint64_t now_ns);

/* CLOCK_REALTIME minus CLOCK_MONOTONIC, sampled once a second, in ns. */
static inline uint64_t clock_realtime_offset(void)
{
	return latency_clock.realtime_offset;
}

#endif
