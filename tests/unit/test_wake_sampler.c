/*
 * How long a CPU was waited for after being woken, from samples of waits.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>

#include "unit.h"
#include "../../modules/wake_sampler.h"

/* A process that waits again and again, and what its kernel counts. */
struct process {
	struct wake_sampler sampler;
	uint64_t now_ns, window_ns;
	uint64_t waits, samples;
	uint64_t cpu_wait_ns;		/* woken or preempted */
	uint64_t woken_ns;		/* of that, woken */
	uint64_t handed_out_ns;
};

static void start(struct process *p)
{
	*p = (struct process){ .now_ns = 1000, .cpu_wait_ns = 5000000 };
	wake_sampler_start(&p->sampler, p->now_ns, p->cpu_wait_ns);
	p->window_ns = p->now_ns;
}

/* A wait, at the end of which a CPU is waited for, then work. */
static void one_wait(struct process *p, uint64_t wait_ns, uint64_t woken_ns,
		     uint64_t work_ns, uint64_t preempted_ns)
{
	struct wake_sampler *s = &p->sampler;
	bool busy = s->cpus_are_busy;

	if (busy && wake_sample_is_due(s)) {
		wake_sample_begins(s, p->cpu_wait_ns);
		p->samples++;
	}
	p->cpu_wait_ns += woken_ns;
	p->woken_ns += woken_ns;
	if (wake_is_sampled(s)) {
		wake_sample_ends(s, p->cpu_wait_ns);
	}
	if (busy) {
		uint64_t ns = wake_share(s, wait_ns + woken_ns);

		assert_true(ns <= wait_ns + woken_ns);
		p->handed_out_ns += ns;
	}
	p->waits++;
	p->cpu_wait_ns += preempted_ns;
	p->now_ns += wait_ns + woken_ns + work_ns + preempted_ns;
	if (p->now_ns - p->window_ns >= 20000000) {
		wake_window_ends(s, p->now_ns, p->waits, p->cpu_wait_ns);
		p->window_ns = p->now_ns;
	}
}

static void while_cpus_are_free_nothing_is_sampled(void **state)
{
	struct process p;

	(void)state;
	start(&p);
	for (int i = 0; i < 10000; i++) {
		one_wait(&p, 30000, 100, 20000, 0);
	}
	assert_int_equal(p.samples, 0);
	assert_int_equal(p.handed_out_ns, 0);
}

/* Few waits a window: each of them is sampled, and nothing is estimated. */
static void few_waits_are_all_sampled(void **state)
{
	struct process p;
	uint64_t before;

	(void)state;
	start(&p);
	for (int i = 0; i < 20; i++) {
		one_wait(&p, 2000000, 1000000, 1000000, 0);
	}
	assert_true(p.sampler.cpus_are_busy);
	before = p.woken_ns;
	p.handed_out_ns = 0;
	for (int i = 0; i < 100; i++) {
		one_wait(&p, 2000000, 1000000 + 1000 * (uint64_t)i, 1000000, 0);
	}
	assert_int_equal(p.handed_out_ns, p.woken_ns - before);
}

/*
 * Many waits, of which every tenth is woken late, as by a client that asks for
 * ten things for each file; it is preempted, too.
 */
static void many_waits_are_estimated(void **state)
{
	struct process p;

	(void)state;
	start(&p);
	srandom(1);
	for (int i = 0; i < 600000; i++) {
		uint64_t late = i % 10 == 3 ? (uint64_t)random() % 40000 : 500;

		one_wait(&p, 15000, late, 15000, (uint64_t)random() % 3000);
	}
	/* At most some 20 a window of 20 ms. */
	assert_true(p.samples < 20 * (p.now_ns / 20000000 + 1));
	assert_true(p.handed_out_ns <= p.cpu_wait_ns - 5000000);
	assert_true(p.handed_out_ns > p.woken_ns / 10 * 9);
	assert_true(p.handed_out_ns < p.woken_ns / 10 * 11);
}

/* Never more than the kernel has counted, however unlucky the samples. */
static void the_kernels_count_is_the_limit(void **state)
{
	struct process p;

	(void)state;
	start(&p);
	for (int i = 0; i < 100000; i++) {
		/* Only waits that are sampled are late. */
		bool due = p.sampler.until_due == 1;

		one_wait(&p, 100000, due ? 50000 : 0, 10000, 0);
		assert_true(p.handed_out_ns <= p.cpu_wait_ns - 5000000);
	}
	assert_true(p.samples > 100);
}

/* What was sampled is handed out after CPUs have become free, too. */
static void nothing_that_was_sampled_is_lost(void **state)
{
	const uint64_t late = 1000000 + 3 * (uint64_t)LATENCY_WAKE_NS;
	struct wake_sampler s;

	(void)state;
	wake_sampler_start(&s, 0, 7);
	wake_window_ends(&s, 20000000, 10, 1000000);
	assert_true(wake_sample_is_due(&s));
	wake_sample_begins(&s, 1000000);
	wake_sample_ends(&s, late);
	wake_window_ends(&s, 40000000, 11, late);
	wake_window_ends(&s, 60000000, 11, late);
	assert_true(s.cpus_are_busy);
	assert_int_equal(wake_share(&s, 100), 100);
	assert_int_equal(wake_share(&s, UINT64_MAX), LATENCY_WAKE_NS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(while_cpus_are_free_nothing_is_sampled),
		cmocka_unit_test(few_waits_are_all_sampled),
		cmocka_unit_test(many_waits_are_estimated),
		cmocka_unit_test(the_kernels_count_is_the_limit),
		cmocka_unit_test(nothing_that_was_sampled_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
