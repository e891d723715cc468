/*
 * Counters as bytes, and times as text: what goes in comes out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "unit.h"

#include "counters_code.h"
#include "path_sums.h"
#include "time_text.h"

static void count(struct row_sum *sum, uint64_t ns)
{
	sum->histogram[hist_bucket(ns)]++;
	sum->count++;
	sum->total_ns += ns;
	row_sum_widen(sum, ns, ns);
}

static void fill(struct random *random, struct row_sum *sum)
{
	unsigned calls = 1 + (unsigned)(random_next(random) % 40);
	unsigned i;

	row_sum_init(sum);
	for (i = 0; i < calls; i++) {
		count(sum, random_ns(random, 38));
	}
	if (random_next(random) % 2) {
		sum->bytes = random_next(random);
	}
	if (random_next(random) % 2) {
		row_sum_error(sum, 2, 3);
		row_sum_error(sum, UINT32_MAX, 1u << 20);
		sum->errors = 3 + (1u << 20);
	}
	if (random_next(random) % 2) {
		sum->untimed = 7;
		sum->async = calls;
		sum->service_count = 1;
		sum->service_ns = random_next(random);
		sum->service_wall_ns = random_next(random);
	}
}

static void test_what_is_packed_is_unpacked(void **state)
{
	struct random random = { 5 };
	unsigned i;

	(void)state;
	for (i = 0; i < 3000; i++) {
		struct counters_bytes bytes = { .data = NULL };
		const unsigned char *at;
		struct row_sum sum, copy;
		uint32_t gap;

		fill(&random, &sum);
		counters_pack(&bytes, i + 1, &sum);
		assert_false(bytes.failed);
		at = bytes.data;
		assert_true(counters_unpack(&at, at + bytes.size, &gap, &copy));
		assert_ptr_equal(at, bytes.data + bytes.size);
		assert_int_equal(gap, i + 1);
		assert_memory_equal(&copy, &sum, sizeof(sum));
		free(bytes.data);
	}
}

/* A single call, and one among others whose extremes are the bounds. */
static void test_the_usual_takes_few_bytes(void **state)
{
	struct counters_bytes bytes = { .data = NULL };
	struct row_sum sum, earlier;

	(void)state;
	row_sum_init(&sum);
	count(&sum, 5000);
	counters_pack(&bytes, 1, &sum);
	assert_int_equal(bytes.size, 4);

	row_sum_init(&earlier);
	count(&earlier, 1);
	count(&earlier, 1000000);
	sum = earlier;
	count(&sum, 5000);
	count(&sum, 5000);
	row_sum_subtract(&sum, &earlier);
	bytes.size = 0;
	counters_pack(&bytes, 1, &sum);
	assert_int_equal(bytes.size, 1 + 1 + 2 + 1 + 2);
	free(bytes.data);
}

/* Whatever is in the file: it ends, and inside the bytes. */
static void test_nonsense_is_refused(void **state)
{
	struct random random = { 77 };
	unsigned round, i;

	(void)state;
	for (round = 0; round < 20000; round++) {
		unsigned char *data = malloc(24);
		const unsigned char *at = data;
		struct row_sum sum;
		uint32_t gap;

		for (i = 0; i < 24; i++) {
			data[i] = (unsigned char)(random_next(&random) >> 32);
		}
		while (at < data + 24 &&
		       counters_unpack(&at, data + 24, &gap, &sum)) {
			assert_true(at <= data + 24);
		}
		free(data);
	}
}

/* ---------------------------------- times --------------------------------- */

#define NOW 1796043661u	/* 2026-11-30 13:01:01 UTC */
#define S ((uint64_t)1000000000)

static void is_time(const char *text, uint64_t seconds)
{
	uint64_t ns;

	assert_true(time_parse(text, NOW * S, &ns));
	assert_int_equal(ns / S, seconds);
}

static void test_times(void **state)
{
	const uint64_t midnight = NOW - (13 * 3600 + 61);
	static const char *const bad[] = {
		"", "x", "14", "25:00", "12:60", "-", "-1x", "-0s",
		"yesterday14:00", "2026-13-01", "2026-11-30x", "12:00 Mars",
		"12:00+1", "-nan", "--1h", "1:2:3",
	};
	uint64_t ns;
	unsigned i;

	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	is_time("now", NOW);
	is_time("12:30", midnight + 12 * 3600 + 1800);
	is_time("9:05:07", midnight + 9 * 3600 + 307);
	is_time("today", midnight);
	is_time("yesterday", midnight - 86400);
	is_time("yesterday 14:00", midnight - 86400 + 14 * 3600);
	is_time("2026-11-30", midnight);
	is_time("2026-11-30 14:00", midnight + 14 * 3600);
	is_time("2026-11-30T14:00:01.5Z", midnight + 14 * 3600 + 1);
	is_time("2026-11-30T14:00:00+01:00", midnight + 13 * 3600);
	is_time("-2h", NOW - 7200);
	is_time("-90s", NOW - 90);
	is_time("-1.5d", NOW - 129600);
	setenv("TZ", "CET-1", 1);
	tzset();
	is_time("14:00", midnight + 13 * 3600);
	is_time("2026-11-30T14:00:00Z", midnight + 14 * 3600);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (time_parse(bad[i], NOW * S, &ns)) {
			fail_msg("'%s' is a time", bad[i]);
		}
	}
	assert_true(time_parse("2026-11-30T14:00:01.5Z", NOW * S, &ns));
	assert_int_equal(ns % S, 500000000);
}

/* SQLite has no address for an empty blob. */
static void test_no_bytes_are_no_paths(void **state)
{
	struct path_sums sums = { .sum = NULL };

	(void)state;
	assert_true(path_sums_unpack(&sums, NULL, 0, 1));
	assert_int_equal(sums.count, 0);
	path_sums_free(&sums);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_packed_is_unpacked),
		cmocka_unit_test(test_the_usual_takes_few_bytes),
		cmocka_unit_test(test_nonsense_is_refused),
		cmocka_unit_test(test_times),
		cmocka_unit_test(test_no_bytes_are_no_paths),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
