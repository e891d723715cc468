/*
 * How long a process that has been woken waits for a CPU: time that the clock
 * has as part of a wait, though nobody but the scheduler is to blame.
 *
 * The kernel counts it (cpu_wait.h), together with the time that the process
 * was preempted. To tell them apart it is asked before and after a wait; that
 * costs 2 us, more than all else of a turn. So it is done only while CPUs are
 * busy, and at most for some 16 waits of a window of 20 ms: each sample stands
 * for the waits up to the next one, and is handed out to the waits as they end,
 * since what has been counted as waiting for the client stays so. In all it is
 * never more than what the kernel has counted.
 *
 * This file must not know: Samba, and how the kernel is asked.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WAKE_SAMPLER_H
#define WAKE_SAMPLER_H

#include <stdbool.h>
#include <stdint.h>

#include "latency_format.h"

#define WAKE_SAMPLES 16			/* a window, about */

struct wake_sampler {
	bool cpus_are_busy;		/* in the latest window, or not yet
					   handed out all */
	bool sampling;			/* the wait under way */
	uint32_t stride;		/* waits that a sample stands for */
	uint32_t until_due;		/* waits until the next sample */
	uint32_t random;
	uint64_t cpu_wait_ns;		/* before the wait under way */
	uint64_t left_ns;		/* sampled, not yet handed out */
	uint64_t handed_out_ns;
	uint64_t first_cpu_wait_ns;	/* at the start of it all */

	/* As they were at the start of the window under way. */
	uint64_t window_ns;
	uint64_t window_waits;
	uint64_t window_cpu_wait_ns;
};

/*
 * cpu_wait_ns, here and below: what the kernel has counted so far; 0 if it does
 * not tell.
 */
static inline void wake_sampler_start(struct wake_sampler *s, uint64_t now_ns,
				      uint64_t cpu_wait_ns)
{
	*s = (struct wake_sampler){
		.stride = 1, .until_due = 1,
		.first_cpu_wait_ns = cpu_wait_ns,
		.window_ns = now_ns, .window_cpu_wait_ns = cpu_wait_ns,
	};
}

/*
 * A window ends at now_ns; waits: so far. CPUs are busy if one was waited for
 * in more than 1 % of the window.
 */
static inline void wake_window_ends(struct wake_sampler *s, uint64_t now_ns,
				    uint64_t waits, uint64_t cpu_wait_ns)
{
	uint64_t window = now_ns > s->window_ns ? now_ns - s->window_ns : 0;
	uint64_t stride = (waits - s->window_waits) / WAKE_SAMPLES;

	s->cpus_are_busy = s->left_ns > 0 ||
		cpu_wait_ns > s->window_cpu_wait_ns + window / 100;
	s->stride = stride < 1 ? 1 : stride > 1024 ? 1024 : (uint32_t)stride;
	if (s->until_due > s->stride) {
		s->until_due = s->stride;
	}
	s->window_ns = now_ns;
	s->window_waits = waits;
	s->window_cpu_wait_ns = cpu_wait_ns;
}

/* A wait begins while CPUs are busy: is it to be sampled? */
static inline bool wake_sample_is_due(struct wake_sampler *s)
{
	return --s->until_due == 0;
}

static inline void wake_sample_begins(struct wake_sampler *s,
				      uint64_t cpu_wait_ns)
{
	s->sampling = true;
	s->cpu_wait_ns = cpu_wait_ns;
}

/* Is the wait that ends one that was sampled? */
static inline bool wake_is_sampled(const struct wake_sampler *s)
{
	return s->sampling;
}

static inline void wake_sample_ends(struct wake_sampler *s,
				    uint64_t cpu_wait_ns)
{
	s->sampling = false;
	if (cpu_wait_ns > s->cpu_wait_ns) {
		uint64_t limit_ns = cpu_wait_ns - s->first_cpu_wait_ns -
			s->handed_out_ns;

		s->left_ns += (cpu_wait_ns - s->cpu_wait_ns) * s->stride;
		if (s->left_ns > limit_ns) {
			s->left_ns = limit_ns;
		}
	}
	/*
	 * At random, on average the stride: clients ask for the same again and
	 * again, and samples must not keep step with them.
	 */
	s->random = s->random * 1664525 + 1013904223;
	s->until_due = 1 + (s->random >> 16) % (2 * s->stride - 1);
}

/*
 * How much of a wait of span_ns that ends is handed out to waiting for a CPU.
 * Not more than what readers have left open while it lasted.
 */
static inline uint64_t wake_share(struct wake_sampler *s, uint64_t span_ns)
{
	uint64_t ns = s->left_ns;

	if (ns > span_ns) {
		ns = span_ns;
	}
	if (ns > LATENCY_WAKE_NS) {
		ns = LATENCY_WAKE_NS;
	}
	s->left_ns -= ns;
	s->handed_out_ns += ns;
	return ns;
}

#endif
