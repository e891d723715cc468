/*
 * The clock, with a TSC and a CLOCK_MONOTONIC of the test's own that do what
 * real ones should not: run on during a suspend, go back, stop, change their
 * rate, be slewed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <time.h>

#include "unit.h"

static uint64_t fake_rdtsc(void);
static int fake_gettime(clockid_t id, struct timespec *ts);
static char source_file[512];

#define CLOCK_RDTSC() fake_rdtsc()
#define CLOCK_GETTIME fake_gettime
#define CLOCK_SOURCE_FILE source_file
#include "../../modules/latency_clock.c"

#define SECOND 1000000000ull
#define HOUR (3600 * SECOND)

/* How wrong a stamp may be that has just been checked, in ns. */
#define GOOD_NS 6000

static struct {
	double tsc;
	double tsc_rate;		/* ticks a ns */
	double ns;			/* CLOCK_MONOTONIC */
	double ns_rate;
	uint64_t realtime_offset;
} fake;

static void pass(double ns)
{
	fake.tsc += ns * fake.tsc_rate;
	fake.ns += ns * fake.ns_rate;
}

static uint64_t fake_rdtsc(void)
{
	pass(8);
	return (uint64_t)(int64_t)fake.tsc;
}

static int fake_gettime(clockid_t id, struct timespec *ts)
{
	uint64_t ns;

	pass(20);
	ns = (uint64_t)fake.ns;
	if (id == CLOCK_REALTIME) {
		ns += fake.realtime_offset;
	}
	ts->tv_sec = (time_t)(ns / SECOND);
	ts->tv_nsec = (long)(ns % SECOND);
	return 0;
}

/* The TSC runs on for so many ns, or back, and CLOCK_MONOTONIC does not. */
static void tsc_jumps(double ns)
{
	fake.tsc += ns * fake.tsc_rate;
}

static void kernel_uses(const char *name)
{
	int fd = open(source_file, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, name, strlen(name)), (ssize_t)strlen(name));
	close(fd);
}

/* How far a stamp of now is from the truth, in ns. */
static uint64_t error_now(void)
{
	double now = (double)clock_now();
	double error = now - fake.ns;

	return (uint64_t)(error < 0 ? -error : error);
}

/* Lets time pass as in a busy smbd: turns of a millisecond. */
static void turns(double ns)
{
	for (; ns > 0; ns -= 1e6) {
		pass(1e6);
		clock_maintain(clock_now());
	}
}

static int start(void **state)
{
	const struct test_dir *td;

	if (test_dir_make(state) != 0) {
		return -1;
	}
	td = *state;
	snprintf(source_file, sizeof(source_file), "%s/clocksource",
		 td->path);
	kernel_uses(CLOCK_SOURCE_NAME);
	fake.tsc = 1e15;
	fake.tsc_rate = 2.4;
	fake.ns = 1e14;
	fake.ns_rate = 1;
	fake.realtime_offset = 400 * 24 * HOUR;
	clock_init();
	return 0;
}

/* The same, and the TSC has been taken up. */
static int start_with_tsc(void **state)
{
	if (start(state) != 0) {
		return -1;
	}
	turns(3e9);
	return latency_clock.tsc == 1 ? 0 : -1;
}

/* ------------------------------ as it should ----------------------------- */

static void tsc_is_taken_up_within_30_ms(void **state)
{
	(void)state;
	assert_int_equal(latency_clock.tsc, 0);
	turns(30e6);
	assert_int_equal(latency_clock.tsc, 1);
	assert_true(error_now() < GOOD_NS);
}

static void tsc_is_left_alone_unless_the_kernel_uses_it(void **state)
{
	(void)state;
	kernel_uses("kvm-clock\n");
	turns(3e9);
	assert_int_equal(latency_clock.tsc, 0);
	assert_true(error_now() < GOOD_NS);
}

static void clock_whose_name_goes_on_is_another(void **state)
{
	(void)state;
	kernel_uses(CLOCK_SOURCE_NAME "2\n");
	turns(3e9);
	assert_int_equal(latency_clock.tsc, 0);
}

/* As many a counter of arm64 is. */
static void tsc_that_is_slow_is_left_alone(void **state)
{
	(void)state;
	fake.tsc_rate = 0.024;
	turns(3e9);
	assert_int_equal(latency_clock.tsc, 0);
	assert_true(error_now() < GOOD_NS);
}

static void tsc_that_is_fast_enough_is_taken_up(void **state)
{
	(void)state;
	fake.tsc_rate = 0.0625;
	turns(30e6);
	assert_int_equal(latency_clock.tsc, 1);
	assert_true(error_now() < GOOD_NS);
}

static void spans_are_what_has_passed(void **state)
{
	uint64_t start_ticks = clock_ticks();
	uint64_t ns;

	(void)state;
	pass(5e6);
	ns = clock_ticks_since(start_ticks);
	assert_in_range(ns, 5000000, 5000000 + GOOD_NS);
}

static void long_spans_are_what_has_passed(void **state)
{
	uint64_t start_ticks = clock_ticks();

	(void)state;
	pass(100e9);
	assert_in_range(clock_ticks_since(start_ticks), 100 * SECOND - GOOD_NS,
			100 * SECOND + GOOD_NS);
	turns(2e9);
	assert_int_equal(latency_clock.tsc, 1);
}

static void idle_hours_do_not_part_the_clocks(void **state)
{
	(void)state;
	pass(10.0 * HOUR);
	assert_true(error_now() < GOOD_NS);
	turns(2e9);
	assert_int_equal(latency_clock.tsc, 1);
}

/* --------------------------------- suspend -------------------------------- */

static void suspend_while_waiting_is_no_time(void **state)
{
	uint64_t before = clock_now();

	(void)state;
	tsc_jumps(3.0 * HOUR);
	assert_in_range(clock_now(), before, before + GOOD_NS);
}

static void suspend_within_a_call_is_no_time(void **state)
{
	uint64_t start_ticks = clock_ticks();
	uint64_t start_ns = clock_now();

	(void)state;
	pass(1e6);
	tsc_jumps(3.0 * HOUR);
	pass(1e6);
	assert_in_range(clock_ticks_since(start_ticks), 2000000,
			2000000 + GOOD_NS);
	/* The same for who keeps ns, and for the call around it. */
	assert_in_range(clock_span(start_ns, clock_now()), 2000000,
			2000000 + GOOD_NS);
	pass(1e6);
	assert_in_range(clock_ticks_since(start_ticks), 3000000,
			3000000 + GOOD_NS);
}

static void call_after_a_suspend_in_the_same_turn_is_measured(void **state)
{
	uint64_t start_ticks;

	(void)state;
	tsc_jumps(3.0 * HOUR);
	start_ticks = clock_ticks();
	pass(1.5e9);
	assert_in_range(clock_ticks_since(start_ticks), 1500000000 - GOOD_NS,
			1500000000 + GOOD_NS);
}

static void tsc_is_taken_up_again_after_a_suspend(void **state)
{
	(void)state;
	tsc_jumps(3.0 * HOUR);
	turns(1e6);
	assert_int_equal(latency_clock.tsc, 0);
	/* Readers turn ticks into ns by these. */
	assert_int_equal(latency_clock.base_ns, latency_clock.base_tsc);
	turns(2e9);
	assert_int_equal(latency_clock.tsc, 1);
	assert_true(error_now() < GOOD_NS);
}

static void clock_that_often_jumps_is_tried_less_often(void **state)
{
	unsigned tries = 0;
	int i;

	(void)state;
	for (i = 0; i < 3600; i++) {
		uint64_t before = latency_clock.tsc;

		turns(1e9);
		tries += before == 0 && latency_clock.tsc != 0;
		tsc_jumps(1.5e9);
		assert_true(error_now() < GOOD_NS);
	}
	assert_in_range(tries, 1, 3600 / 64 + 7);
}

static void real_time_after_a_suspend_is_known_at_once(void **state)
{
	(void)state;
	tsc_jumps(3.0 * HOUR);
	fake.realtime_offset += 3 * HOUR;
	clock_now();
	assert_in_range(clock_realtime_offset() + GOOD_NS,
			fake.realtime_offset, fake.realtime_offset +
			2 * GOOD_NS);
}

/* --------------------------------- restore -------------------------------- */

static void tsc_that_goes_back_while_waiting_is_no_time(void **state)
{
	uint64_t before = clock_now();

	(void)state;
	tsc_jumps(-3.0 * HOUR);
	assert_in_range(clock_now(), before, before + GOOD_NS);
}

static void tsc_that_goes_back_within_a_call_is_no_time(void **state)
{
	uint64_t start_ticks = clock_ticks();

	(void)state;
	pass(1e6);
	tsc_jumps(-3.0 * HOUR);
	pass(1e6);
	assert_in_range(clock_ticks_since(start_ticks), 2000000,
			2000000 + GOOD_NS);
}

static void tsc_that_goes_back_to_zero_is_no_time(void **state)
{
	uint64_t start_ticks = clock_ticks();

	(void)state;
	fake.tsc = 0;
	pass(1e6);
	assert_in_range(clock_ticks_since(start_ticks), 1000000,
			1000000 + GOOD_NS);
	assert_true(error_now() < GOOD_NS);
}

static void cpus_that_disagree_by_some_ticks_make_no_span(void **state)
{
	uint64_t start_ticks = clock_ticks() + 100;

	(void)state;
	assert_int_equal(clock_ticks_since(start_ticks), 0);
	turns(2e9);
	assert_int_equal(latency_clock.tsc, 1);
}

/* ---------------------------- all that is smaller ------------------------- */

static void small_jump_is_set_right_in_a_second(void **state)
{
	(void)state;
	tsc_jumps(0.4e9);
	turns(1.2e9);
	assert_true(error_now() < GOOD_NS);
}

static void small_jump_back_is_set_right_in_two_seconds(void **state)
{
	(void)state;
	tsc_jumps(-0.4e9);
	turns(2e9);
	assert_true(error_now() < GOOD_NS);
}

static void tsc_that_stops_is_noticed_by_the_next_call(void **state)
{
	uint64_t start_ticks;

	(void)state;
	fake.tsc_rate = 0;
	start_ticks = clock_ticks();
	pass(5e9);
	assert_true(clock_in_doubt(clock_scale(clock_ticks() - start_ticks)));
	clock_ticks_since(start_ticks);
	assert_true(error_now() < GOOD_NS);
	turns(1e6);
	assert_int_equal(latency_clock.tsc, 0);
	turns(100e9);
	assert_int_equal(latency_clock.tsc, 0);
	assert_true(error_now() < GOOD_NS);
}

static void other_rate_is_taken_up(void **state)
{
	(void)state;
	fake.tsc_rate = 3.6;
	turns(1.1e9);
	assert_true(error_now() < GOOD_NS);
	turns(2e9);
	assert_int_equal(latency_clock.tsc, 1);
	pass(0.9e9);
	assert_true(error_now() < GOOD_NS);
}

static void rate_with_a_jump_in_it_is_not_taken_up(void **state)
{
	(void)state;
	turns(5e6);
	tsc_jumps(10e6);
	turns(10e6);
	assert_int_equal(latency_clock.tsc, 0);
	turns(20e6);
	assert_int_equal(latency_clock.tsc, 1);
	assert_true(error_now() < GOOD_NS);
}

static void slewing_by_500_ppm_is_followed(void **state)
{
	int i;

	(void)state;
	for (i = 0; i < 20; i++) {
		fake.ns_rate = i % 2 == 0 ? 1.0005 : 1;
		turns(7e9);
		assert_int_equal(latency_clock.tsc, 1);
		pass(0.9e9);
		/* What the rate of the second before was wrong by. */
		assert_true(error_now() < 900000);
	}
}

static void misbehave(struct random *random)
{
	switch (random_next(random) % 64) {
	case 0:
		tsc_jumps((double)random_ns(random, 44));
		break;
	case 1:
		tsc_jumps(-(double)random_ns(random, 44));
		break;
	case 2:
		fake.tsc_rate = 1 + (double)(random_next(random) % 4);
		break;
	default:
		break;
	}
}

/* Whatever happens, in any order, within a call, but once until it is found. */
static void nothing_is_ever_hours_wrong(void **state)
{
	struct random random = { .state = 17 };
	uint64_t stamp = clock_now();
	bool found = true;
	int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		uint64_t ticks = clock_ticks();
		double start_ns = fake.ns;
		uint64_t span, now;

		if (found) {
			misbehave(&random);
		}
		pass((double)random_ns(&random, 33));
		span = clock_scale(clock_ticks() - ticks);
		if (clock_in_doubt(span)) {
			span = clock_ticks_since(ticks);
		}
		assert_true((double)span < (fake.ns - start_ns) * 5 +
			    CLOCK_AGE_NS);
		now = clock_now();
		assert_true((double)now < fake.ns + CLOCK_AGE_NS);
		assert_true(now + CLOCK_AGE_NS > stamp);
		stamp = now;
		found = clock_maintain(now);
		assert_true(!found || error_now() < GOOD_NS);
	}
}

int main(void)
{
#define WITH_TSC(test) \
	cmocka_unit_test_setup_teardown(test, start_with_tsc, test_dir_remove)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			tsc_is_taken_up_within_30_ms, start, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			tsc_is_left_alone_unless_the_kernel_uses_it, start,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			clock_whose_name_goes_on_is_another, start,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			tsc_that_is_slow_is_left_alone, start, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			tsc_that_is_fast_enough_is_taken_up, start,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			rate_with_a_jump_in_it_is_not_taken_up, start,
			test_dir_remove),
		WITH_TSC(spans_are_what_has_passed),
		WITH_TSC(long_spans_are_what_has_passed),
		WITH_TSC(idle_hours_do_not_part_the_clocks),
		WITH_TSC(suspend_while_waiting_is_no_time),
		WITH_TSC(suspend_within_a_call_is_no_time),
		WITH_TSC(call_after_a_suspend_in_the_same_turn_is_measured),
		WITH_TSC(tsc_is_taken_up_again_after_a_suspend),
		WITH_TSC(clock_that_often_jumps_is_tried_less_often),
		WITH_TSC(real_time_after_a_suspend_is_known_at_once),
		WITH_TSC(tsc_that_goes_back_while_waiting_is_no_time),
		WITH_TSC(tsc_that_goes_back_within_a_call_is_no_time),
		WITH_TSC(tsc_that_goes_back_to_zero_is_no_time),
		WITH_TSC(cpus_that_disagree_by_some_ticks_make_no_span),
		WITH_TSC(small_jump_is_set_right_in_a_second),
		WITH_TSC(small_jump_back_is_set_right_in_two_seconds),
		WITH_TSC(tsc_that_stops_is_noticed_by_the_next_call),
		WITH_TSC(other_rate_is_taken_up),
		WITH_TSC(slewing_by_500_ppm_is_followed),
		WITH_TSC(nothing_is_ever_hours_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
