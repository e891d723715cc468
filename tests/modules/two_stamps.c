/*
 * pass_through with what no measuring of an op can do without: a time stamp
 * right before the next layer's call and one right after it (of a send/recv
 * pair, before the one and after the other). They are stored and that is all.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "latency_clock.h"

static volatile uint64_t stamp_before, stamp_after;

static inline void stamp(volatile uint64_t **where)
{
	**where = clock_tsc();
}

#define MODULE "two_stamps"
#define BEFORE_OP stamp_before = clock_tsc();
/* A variable that stamps when it goes, which suits ops without a result too. */
#define AFTER_OP                                                          \
	volatile uint64_t *after __attribute__((cleanup(stamp), unused)) = \
		&stamp_after;
#include "pass_through.c"
