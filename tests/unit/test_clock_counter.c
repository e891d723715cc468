/*
 * The clock with this processor's own counter, whatever the kernel keeps time
 * by: once it is taken up it tells CLOCK_MONOTONIC. What can go wrong with a
 * counter is in test_clock.
 *
 * No quiet machine is needed. What is compared is enclosed between two readings
 * of the other clock, and read again until these are close together. A reading
 * of the clock itself that was interrupted makes it inexact: then it is taken
 * up again. Only what is wrong each time is wrong.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <time.h>

#include "unit.h"

static char source_file[512];

#define CLOCK_SOURCE_FILE source_file
#include "../../modules/latency_clock.c"

#define SECOND ((uint64_t)1000 * MS)
#define MOMENTS 200
#define TRIES 20000
#define CLOSE_NS 10000			/* readings with nothing in between */
#define ATTEMPTS 10
#define PATIENCE_NS (20 * SECOND)

static int start(void **state)
{
	const struct test_dir *td;
	FILE *f;

	if (test_dir_make(state) != 0) {
		return -1;
	}
	td = *state;
	snprintf(source_file, sizeof(source_file), "%s/clocksource",
		 td->path);
	f = fopen(source_file, "w");
	assert_non_null(f);
	assert_true(fputs(CLOCK_SOURCE_NAME, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return 0;
}

static void wait_ns(uint64_t ns)
{
	uint64_t begin = clock_monotonic();

	while (clock_monotonic() - begin < ns) {
		;
	}
}

/* Ticks a second, at least; 0: there is no counter. */
static uint64_t frequency(void)
{
#if defined(__aarch64__)
	uint64_t hz;

	__asm__("mrs %0, cntfrq_el0" : "=r"(hz));
	return hz;
#elif defined(__x86_64__)
	return SECOND;
#else
	return 0;
#endif
}

/* Turns of a millisecond until the clock is set by another reading. */
static void turns_until_set(uint64_t patience_ns)
{
	uint64_t begin = clock_monotonic();
	uint64_t base = latency_clock.base_ns;

	while (latency_clock.base_ns == base &&
	       clock_monotonic() - begin < patience_ns) {
		wait_ns(MS);
		clock_maintain(clock_now());
	}
}

static void take_up(void)
{
	if (frequency() < SECOND / 20) {
		print_message("no counter, or one of less than 50 MHz\n");
		skip();
	}
	clock_init();
	turns_until_set(PATIENCE_NS);
	assert_int_equal(latency_clock.tsc, 1);
}

/* Does that hold of a clock that was just taken up? */
static bool holds(bool (*of_clock)(void))
{
	unsigned i;

	for (i = 0; i < ATTEMPTS; i++) {
		take_up();
		if (of_clock()) {
			return true;
		}
	}
	return false;
}

/* How wrong a stamp or a span may be, so long after the last calibration. */
static uint64_t good_ns(uint64_t passed)
{
	return 5000 + passed / 5000;
}

/* Is CLOCK_MONOTONIC between two stamps around it, as well as can be told? */
static bool agrees(void)
{
	uint64_t before, ns, after, good;
	unsigned i;

	for (i = 0; i < TRIES; i++) {
		before = clock_now();
		ns = clock_monotonic();
		after = clock_now();
		if (clock_span(before, after) > CLOSE_NS) {
			continue;
		}
		good = good_ns(clock_span(latency_clock.base_ns, ns));
		return ns + good >= before && ns <= after + good;
	}
	fail_msg("%s", "no two stamps are close together");
	return false;
}

static bool all_stamps_agree(void)
{
	unsigned i;

	for (i = 0; i < MOMENTS && agrees(); i++) {
		wait_ns(MS / 10);
	}
	return i == MOMENTS;
}

static void stamps_are_clock_monotonic(void **unused)
{
	(void)unused;
	assert_true(holds(all_stamps_agree));
}

static bool span_is_what_has_passed(uint64_t length)
{
	uint64_t before, begun, end, after, ticks, ns;
	unsigned i;

	for (i = 0; i < TRIES; i++) {
		before = clock_monotonic();
		ticks = clock_ticks();
		begun = clock_monotonic();
		wait_ns(length);
		end = clock_monotonic();
		ns = clock_ticks_since(ticks);
		after = clock_monotonic();
		if (begun - before + after - end <= CLOSE_NS) {
			return ns + good_ns(length) >= end - begun &&
				ns <= after - before + good_ns(length);
		}
	}
	fail_msg("%s", "no two readings are close together");
	return false;
}

static bool all_spans_agree(void)
{
	uint64_t length = 1000;

	while (length <= 100 * MS && span_is_what_has_passed(length)) {
		length *= 10;
	}
	return length > 100 * MS;
}

static void spans_are_what_has_passed(void **unused)
{
	(void)unused;
	assert_true(holds(all_spans_agree));
}

static bool agrees_after_the_next_comparison(void)
{
	turns_until_set(PATIENCE_NS);
	return latency_clock.tsc == 1 && agrees();
}

static void comparison_of_the_next_second_keeps_it(void **unused)
{
	(void)unused;
	assert_true(holds(agrees_after_the_next_comparison));
}

static bool wrong_scale_disagrees(void)
{
	latency_clock.scale += latency_clock.scale / 1000;
	wait_ns(50 * MS);
	return !agrees();
}

/* Else the tests above would mean nothing. */
static void wrong_scale_is_seen(void **unused)
{
	(void)unused;
	assert_true(holds(wrong_scale_disagrees));
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, start, test_dir_remove)
	const struct CMUnitTest tests[] = {
		TEST(stamps_are_clock_monotonic),
		TEST(spans_are_what_has_passed),
		TEST(comparison_of_the_next_second_keeps_it),
		TEST(wrong_scale_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
