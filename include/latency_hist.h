/*
 * Log-linear histogram of latencies: value <-> bucket.
 *
 * A power of two of nanoseconds is an octave and is cut into HIST_SUB equal
 * buckets. With v in octave [2^e, 2^(e+1)) a bucket is 2^e / HIST_SUB wide,
 * so the middle of v's bucket is off by at most
 *
 *	(2^e / HIST_SUB) / 2 <= v / (2 * HIST_SUB) = v / 16 = 6.25 % of v.
 *
 * Octave 0 takes everything below 64 ns, in buckets of 8 ns; there the middle
 * is off by at most 4 ns. The last bucket has no upper bound: it takes
 * everything from 128.8 s on.
 *
 *	octave 0:	   [0, 64) ns
 *	octave k >= 1:	   [2^(k+5), 2^(k+6)) ns
 *	octave 31:	   [68.7 s, 137.4 s) and all above
 *
 * Let e be the position of v's highest bit, but at least 6, so that octaves 0
 * and 1 share the width of 8 ns. Then v >> (e - 3) is 0 to 7 in octave 0 and 8
 * to 15 above it, and
 *
 *	bucket(v) = (v >> (e - 3)) + 8 * (e - 6).
 *
 * Code that counts often keeps a pointer for each e, the group of v: octaves 0
 * and 1 are group 0, with 16 buckets; octave k > 1 is group k - 1. In group g
 * the bucket is 8 * g + (v >> (g + 3)).
 *
 * Limitations: latencies are held as uint64_t nanoseconds, up to 584 years.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LATENCY_HIST_H
#define LATENCY_HIST_H

#include <stdint.h>

#define HIST_SUB_BITS 3
#define HIST_SUB (1u << HIST_SUB_BITS)	 /* buckets per octave */
#define HIST_FIRST_BITS 6		 /* octave 0 ends at 2^6 = 64 ns */
#define HIST_OCTAVES 32u
#define HIST_BUCKETS (HIST_OCTAVES * HIST_SUB)
#define HIST_GROUPS (HIST_OCTAVES - 1)

#define HIST_MAX_NS (((uint64_t)1 << (HIST_FIRST_BITS + HIST_OCTAVES - 1)) - 1)

/* The position of the highest bit, at least HIST_FIRST_BITS: its group + 6. */
static inline uint64_t hist_highest_bit(uint64_t ns)
{
	uint64_t bits = ns | (1u << HIST_FIRST_BITS);
#if defined(__x86_64__)
	uint64_t e;

	/* The compiler would not know that the upper half is zero. */
	__asm__("bsrq %1, %0" : "=r"(e) : "r"(bits) : "cc");
	return e;
#else
	return 63u ^ (unsigned)__builtin_clzll(bits);
#endif
}

/* The bucket of a latency that is known to be at most HIST_MAX_NS. */
static inline unsigned hist_bucket_below_max(uint64_t ns)
{
	unsigned e = (unsigned)hist_highest_bit(ns);

	return (unsigned)(ns >> (e - HIST_SUB_BITS)) +
		HIST_SUB * (e - HIST_FIRST_BITS);
}

/* The bucket, 0 to HIST_BUCKETS - 1, of any latency in nanoseconds. */
static inline unsigned hist_bucket(uint64_t ns)
{
	return hist_bucket_below_max(ns < HIST_MAX_NS ? ns : HIST_MAX_NS);
}

/* The smallest latency, in nanoseconds, that falls into a bucket. */
static inline uint64_t hist_lower(unsigned bucket)
{
	unsigned octave = bucket / HIST_SUB;
	uint64_t sub = bucket % HIST_SUB;

	if (octave == 0) {
		return sub << (HIST_FIRST_BITS - HIST_SUB_BITS);
	}
	return (HIST_SUB + sub)
	       << (octave + HIST_FIRST_BITS - 1 - HIST_SUB_BITS);
}

/*
 * The smallest latency, in nanoseconds, above a bucket; UINT64_MAX for the
 * last one, which has no upper bound.
 */
static inline uint64_t hist_upper(unsigned bucket)
{
	return bucket + 1 < HIST_BUCKETS ? hist_lower(bucket + 1) : UINT64_MAX;
}

#endif
