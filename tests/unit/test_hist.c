/*
 * Value <-> bucket, and the error that latency_hist.h derives.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"

static void test_buckets_follow_each_other(void **state)
{
	unsigned b;

	(void)state;
	assert_int_equal(hist_lower(0), 0);
	for (b = 0; b + 1 < HIST_BUCKETS; b++) {
		assert_true(hist_lower(b) < hist_upper(b));
		assert_int_equal(hist_upper(b), hist_lower(b + 1));
	}
}

static void test_both_ends_of_every_bucket(void **state)
{
	unsigned b;

	(void)state;
	for (b = 0; b < HIST_BUCKETS; b++) {
		assert_int_equal(hist_bucket(hist_lower(b)), b);
		assert_int_equal(hist_bucket(hist_upper(b) - 1), b);
	}
}

static void test_octaves_begin_at_powers_of_two(void **state)
{
	unsigned octave;

	(void)state;
	for (octave = 1; octave < HIST_OCTAVES; octave++) {
		assert_int_equal(hist_lower(octave * HIST_SUB),
				 (uint64_t)1 << (octave + 5));
	}
}

static void test_random_values_are_in_their_bucket(void **state)
{
	struct random random = { 1 };
	unsigned i;

	(void)state;
	for (i = 0; i < 1000000; i++) {
		uint64_t v = random_ns(&random, 50);
		unsigned b = hist_bucket(v);

		assert_true(b < HIST_BUCKETS);
		assert_true(hist_lower(b) <= v);
		assert_true(v < hist_upper(b));
	}
}

static uint64_t off_by(uint64_t v)
{
	unsigned b = hist_bucket(v);
	uint64_t middle = (hist_lower(b) + hist_upper(b)) / 2;

	return v > middle ? v - middle : middle - v;
}

static void test_middle_is_off_by_4_ns_below_64_ns(void **state)
{
	uint64_t v;

	(void)state;
	for (v = 0; v < 64; v++) {
		assert_true(off_by(v) <= 4);
	}
}

static void test_middle_is_off_by_6_25_percent(void **state)
{
	struct random random = { 2 };
	unsigned b, i;

	(void)state;
	/* The worst are the ends of a bucket. */
	for (b = HIST_SUB; b + 1 < HIST_BUCKETS; b++) {
		assert_true(off_by(hist_lower(b)) * 16 <= hist_lower(b));
		assert_true(off_by(hist_upper(b) - 1) * 16 <=
			    hist_upper(b) - 1);
	}
	for (i = 0; i < 100000; i++) {
		uint64_t v = 64 + random_ns(&random, 36);

		assert_true(off_by(v) * 16 <= v);
	}
}

static void test_last_bucket_is_open(void **state)
{
	(void)state;
	assert_int_equal(hist_upper(HIST_BUCKETS - 1), UINT64_MAX);
	assert_int_equal(hist_bucket(UINT64_MAX), HIST_BUCKETS - 1);
	assert_int_equal(hist_bucket(HIST_MAX_NS + 1), HIST_BUCKETS - 1);
	/* 128.8 s, as the header says. */
	assert_int_equal(hist_lower(HIST_BUCKETS - 1), 128849018880u);
}

static void test_below_max_is_the_same_function(void **state)
{
	struct random random = { 3 };
	unsigned i;

	(void)state;
	assert_int_equal(hist_bucket_below_max(HIST_MAX_NS), HIST_BUCKETS - 1);
	for (i = 0; i < 100000; i++) {
		uint64_t v = random_ns(&random, 37);

		assert_int_equal(hist_bucket_below_max(v), hist_bucket(v));
	}
}

static void test_both_ends_of_every_bucket_of_sizes(void **state)
{
	unsigned i;

	(void)state;
	assert_int_equal(size_lower(0), 1);
	assert_int_equal(size_lower(4), 4096);
	assert_int_equal(size_lower(SIZE_BUCKETS - 1), 8 << 20);
	assert_int_equal(size_upper(SIZE_BUCKETS - 1), UINT64_MAX);
	for (i = 0; i < SIZE_BUCKETS; i++) {
		assert_int_equal(size_bucket(size_lower(i)), i);
		assert_int_equal(size_bucket(size_upper(i) - 1), i);
	}
	assert_int_equal(size_bucket(UINT64_MAX), SIZE_BUCKETS - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_buckets_follow_each_other),
		cmocka_unit_test(test_both_ends_of_every_bucket),
		cmocka_unit_test(test_octaves_begin_at_powers_of_two),
		cmocka_unit_test(test_random_values_are_in_their_bucket),
		cmocka_unit_test(test_middle_is_off_by_4_ns_below_64_ns),
		cmocka_unit_test(test_middle_is_off_by_6_25_percent),
		cmocka_unit_test(test_last_bucket_is_open),
		cmocka_unit_test(test_below_max_is_the_same_function),
		cmocka_unit_test(test_both_ends_of_every_bucket_of_sizes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
