/*
 * Adding, subtracting and percentiles of counters, against raw values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define MANY 2000

static void count(struct row_sum *sum, uint64_t ns)
{
	sum->histogram[hist_bucket(ns)]++;
	sum->count++;
	sum->total_ns += ns;
	sum->min_ns = ns < sum->min_ns ? ns : sum->min_ns;
	sum->max_ns = ns > sum->max_ns ? ns : sum->max_ns;
	/* As if as many bytes were moved. */
	if (ns != 0) {
		sum->bytes += ns;
		sum->sizes[size_bucket(ns)]++;
	}
}

static void count_all(struct row_sum *sum, const uint64_t *values, unsigned n)
{
	unsigned i;

	row_sum_init(sum);
	for (i = 0; i < n; i++) {
		count(sum, values[i]);
	}
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

/* n sorted values of the usual kinds of distributions. */
static void values_make(struct random *random, uint64_t *values, unsigned n)
{
	unsigned kind = (unsigned)(random_next(random) % 4);
	unsigned i;

	for (i = 0; i < n; i++) {
		values[i] = kind == 0 ? random_ns(random, 37) :
			kind == 1 ? 1000 + random_next(random) % 100 :
			kind == 2 ? random_next(random) % 64 :
			(random_next(random) % 10 == 0 ? 5000000 : 700) +
				random_next(random) % 50;
	}
	qsort(values, n, sizeof(values[0]), compare);
}

static void test_adding_is_counting_all(void **state)
{
	struct random random = { 11 };
	uint64_t values[MANY];
	struct row_sum all, first, second;

	(void)state;
	values_make(&random, values, MANY);
	count_all(&all, values, MANY);
	count_all(&first, values, 700);
	count_all(&second, values + 700, MANY - 700);
	row_sum_add(&first, &second);
	assert_memory_equal(&first, &all, sizeof(all));
}

static void test_adding_nothing_changes_nothing(void **state)
{
	const uint64_t values[] = { 100, 200 };
	struct row_sum sum, same, nothing;

	(void)state;
	row_sum_init(&nothing);
	count_all(&sum, values, 2);
	same = sum;
	row_sum_add(&sum, &nothing);
	assert_memory_equal(&sum, &same, sizeof(same));
	row_sum_add(&nothing, &same);
	assert_memory_equal(&nothing, &same, sizeof(same));
}

static void test_adding_takes_every_field(void **state)
{
	struct row_sum a, b;

	(void)state;
	row_sum_init(&a);
	a.errors = 1;
	a.bytes = 2;
	a.untimed = 3;
	a.async = 4;
	a.service_count = 5;
	a.service_ns = 6;
	a.service_wall_ns = 7;
	b = a;
	row_sum_add(&a, &b);
	assert_int_equal(a.errors, 2);
	assert_int_equal(a.bytes, 4);
	assert_int_equal(a.untimed, 6);
	assert_int_equal(a.async, 8);
	assert_int_equal(a.service_count, 10);
	assert_int_equal(a.service_ns, 12);
	assert_int_equal(a.service_wall_ns, 14);
	row_sum_subtract(&a, &b);
	assert_memory_equal(&a, &b, sizeof(b));
}

static void test_subtracting_leaves_what_came_between(void **state)
{
	struct random random = { 12 };
	uint64_t values[MANY];
	unsigned round;

	(void)state;
	for (round = 0; round < 100; round++) {
		struct row_sum sum, earlier, between;
		unsigned n = (unsigned)(random_next(&random) % MANY);
		unsigned i;

		for (i = 0; i < MANY; i++) {
			values[i] = random_ns(&random, 36);
		}
		count_all(&earlier, values, n);
		count_all(&sum, values, MANY);
		count_all(&between, values + n, MANY - n);
		row_sum_subtract(&sum, &earlier);

		assert_int_equal(sum.count, between.count);
		assert_int_equal(sum.total_ns, between.total_ns);
		assert_memory_equal(sum.histogram, between.histogram,
				    sizeof(sum.histogram));
		/* The extremes are those of buckets. */
		check_consistent(&sum);
		assert_true(sum.min_ns <= between.min_ns);
		assert_true(sum.max_ns >= between.max_ns);
		assert_int_equal(hist_bucket(sum.min_ns),
				 hist_bucket(between.min_ns));
		assert_int_equal(hist_bucket(sum.max_ns),
				 hist_bucket(between.max_ns));
	}
}

static void test_later_extremes_narrow_the_buckets(void **state)
{
	const uint64_t values[] = { 1000, 1001, 1002 };
	struct row_sum sum, earlier;

	(void)state;
	count_all(&earlier, values, 1);
	count_all(&sum, values, 3);
	row_sum_subtract(&sum, &earlier);
	assert_int_equal(sum.min_ns, 1000);
	assert_int_equal(sum.max_ns, 1002);
}

static void test_subtracting_itself_leaves_nothing(void **state)
{
	const uint64_t values[] = { 5, 500, 5000000 };
	struct row_sum sum, same, nothing;

	(void)state;
	row_sum_init(&nothing);
	count_all(&sum, values, 3);
	same = sum;
	row_sum_subtract(&sum, &same);
	assert_memory_equal(&sum, &nothing, sizeof(nothing));
}

static void test_counters_that_went_back_are_new(void **state)
{
	const uint64_t values[] = { 5, 500, 5000000 };
	struct row_sum sum, same, earlier;

	(void)state;
	count_all(&sum, values, 2);
	count_all(&earlier, values, 3);
	same = sum;
	row_sum_subtract(&sum, &earlier);
	assert_memory_equal(&sum, &same, sizeof(same));
}

/* ------------------------------ percentiles ------------------------------ */

static const unsigned permilles[] = { 1, 10, 250, 500, 900, 950, 990, 999,
				      1000 };

/* Nearest rank: the smallest value that enough of all do not exceed. */
static uint64_t nearest_rank(const uint64_t *sorted, unsigned n,
			     unsigned permille)
{
	unsigned i = 0;

	while ((uint64_t)(i + 1) * 1000 < (uint64_t)n * permille) {
		i++;
	}
	return sorted[i];
}

static void test_percentiles_of_raw_values(void **state)
{
	struct random random = { 13 };
	uint64_t values[MANY];
	unsigned round, p;

	(void)state;
	for (round = 0; round < 1000; round++) {
		unsigned n = 1 + (unsigned)random_ns(&random, 10);
		struct row_sum sum;

		values_make(&random, values, n);
		count_all(&sum, values, n);
		for (p = 0; p < sizeof(permilles) / sizeof(permilles[0]); p++) {
			uint64_t is = row_sum_percentile(&sum, permilles[p]);
			uint64_t should = nearest_rank(values, n,
						       permilles[p]);
			uint64_t off = is > should ? is - should : should - is;

			assert_true(should < 64 ? off <= 4 :
				    off * 16 <= should);
			assert_true(is >= sum.min_ns && is <= sum.max_ns);
		}
	}
}

static void test_percentile_of_one_value_is_that_value(void **state)
{
	const uint64_t value = 123456789;
	struct row_sum sum;

	(void)state;
	count_all(&sum, &value, 1);
	assert_int_equal(row_sum_percentile(&sum, 1), value);
	assert_int_equal(row_sum_percentile(&sum, 500), value);
	assert_int_equal(row_sum_percentile(&sum, 1000), value);
}

static void test_rank_is_rounded_up(void **state)
{
	/* p50 of 2 is the first, p50 of 3 the second, p51 of 2 the second. */
	const uint64_t values[] = { 8, 1000, 100000 };
	struct row_sum sum;

	(void)state;
	count_all(&sum, values, 2);
	assert_in_range(row_sum_percentile(&sum, 500), 8, 15);
	assert_in_range(row_sum_percentile(&sum, 501), 900, 1000);
	count_all(&sum, values, 3);
	assert_in_range(row_sum_percentile(&sum, 500), 900, 1100);
}

static void test_percentile_of_nothing_is_0(void **state)
{
	struct row_sum sum;

	(void)state;
	row_sum_init(&sum);
	assert_int_equal(row_sum_percentile(&sum, 990), 0);
}

static void test_percentile_in_the_open_bucket_is_max(void **state)
{
	const uint64_t values[] = { 1000, 1000000000000u, 2000000000000u };
	struct row_sum sum;

	(void)state;
	count_all(&sum, values, 3);
	assert_int_equal(row_sum_percentile(&sum, 999), 2000000000000u);
}

static void test_percentile_of_very_many(void **state)
{
	struct row_sum sum;

	(void)state;
	row_sum_init(&sum);
	sum.count = (uint64_t)1 << 63;
	sum.histogram[hist_bucket(1000)] = sum.count - 1000;
	sum.histogram[hist_bucket(1000000)] = 1000;
	sum.min_ns = 1000;
	sum.max_ns = 1000000;
	assert_in_range(row_sum_percentile(&sum, 999), 1000, 1063);
	assert_in_range(row_sum_percentile(&sum, 1000), 937500, 1000000);
}

/* -------------------------------- the rest ------------------------------- */

static void test_average_is_rounded_to_nearest(void **state)
{
	struct row_sum sum = { .count = 0, .total_ns = 0 };

	(void)state;
	assert_int_equal(row_sum_avg(&sum), 0);
	sum.count = 3;
	sum.total_ns = 10;
	assert_int_equal(row_sum_avg(&sum), 3);
	sum.total_ns = 11;
	assert_int_equal(row_sum_avg(&sum), 4);
	sum.count = 2;
	sum.total_ns = 5;
	assert_int_equal(row_sum_avg(&sum), 3);
	sum.count = UINT64_MAX;
	sum.total_ns = UINT64_MAX - 1;
	assert_int_equal(row_sum_avg(&sum), 1);
}

static uint64_t errors_of(const struct row_sum *sum, uint32_t code)
{
	uint64_t found = 0;
	uint32_t i;

	for (i = 0; i < sum->error_count; i++) {
		if (sum->error[i].code == code) {
			assert_int_equal(found, 0);
			found = sum->error[i].count;
		}
	}
	return found;
}

static uint64_t errors_of_all(const struct row_sum *sum)
{
	uint64_t found = 0;
	uint32_t i;

	for (i = 0; i < sum->error_count; i++) {
		found += sum->error[i].count;
	}
	return found;
}

static void error(struct row_sum *sum, uint32_t code, uint64_t n)
{
	row_sum_error(sum, code, n);
	sum->errors += n;
}

static void test_errors_are_counted_by_code(void **state)
{
	struct row_sum a, b;

	(void)state;
	row_sum_init(&a);
	row_sum_init(&b);
	error(&a, 2, 5);
	error(&a, 13, 1);
	error(&b, 28, 3);
	error(&b, 2, 7);
	row_sum_add(&a, &b);
	assert_int_equal(a.errors, 16);
	assert_int_equal(errors_of(&a, 2), 12);
	assert_int_equal(errors_of(&a, 13), 1);
	assert_int_equal(errors_of(&a, 28), 3);
	row_sum_subtract(&a, &b);
	assert_int_equal(a.errors, 6);
	assert_int_equal(errors_of(&a, 2), 5);
	assert_int_equal(errors_of(&a, 28), 0);
}

static void test_codes_beyond_the_limit_are_one_number(void **state)
{
	struct row_sum sum;
	uint32_t code;

	(void)state;
	row_sum_init(&sum);
	for (code = 1; code <= 2 * ROW_SUM_ERRORS; code++) {
		error(&sum, code, code);
	}
	assert_int_equal(sum.error_count, ROW_SUM_ERRORS);
	assert_int_equal(errors_of_all(&sum), sum.errors);
	assert_int_equal(errors_of(&sum, ROW_SUM_ERRORS - 1),
			 ROW_SUM_ERRORS - 1);
	assert_true(errors_of(&sum, UINT32_MAX) > 0);
}

static void test_unknown_codes_are_one_number_too(void **state)
{
	struct row_sum sum;
	uint32_t code;

	(void)state;
	row_sum_init(&sum);
	error(&sum, UINT32_MAX, 1000);
	for (code = 1; code <= 2 * ROW_SUM_ERRORS; code++) {
		error(&sum, code, 1);
	}
	assert_true(errors_of(&sum, UINT32_MAX) > 1000);
	assert_int_equal(errors_of_all(&sum), sum.errors);
}

static void test_too_many_codes_never_go_below_zero(void **state)
{
	struct row_sum sum, earlier;
	uint32_t code, i;

	(void)state;
	/* The later sum was made in another order: other codes are "more". */
	row_sum_init(&earlier);
	row_sum_init(&sum);
	for (code = 1; code <= 2 * ROW_SUM_ERRORS; code++) {
		error(&earlier, code, code);
		error(&sum, 2 * ROW_SUM_ERRORS + 1 - code,
		      2 * ROW_SUM_ERRORS + 1 - code);
	}
	row_sum_subtract(&sum, &earlier);
	assert_int_equal(sum.errors, 0);
	for (i = 0; i < sum.error_count; i++) {
		assert_true(sum.error[i].count <= earlier.errors);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_adding_is_counting_all),
		cmocka_unit_test(test_adding_nothing_changes_nothing),
		cmocka_unit_test(test_adding_takes_every_field),
		cmocka_unit_test(test_subtracting_leaves_what_came_between),
		cmocka_unit_test(test_later_extremes_narrow_the_buckets),
		cmocka_unit_test(test_subtracting_itself_leaves_nothing),
		cmocka_unit_test(test_counters_that_went_back_are_new),
		cmocka_unit_test(test_percentiles_of_raw_values),
		cmocka_unit_test(test_percentile_of_one_value_is_that_value),
		cmocka_unit_test(test_rank_is_rounded_up),
		cmocka_unit_test(test_percentile_of_nothing_is_0),
		cmocka_unit_test(test_percentile_in_the_open_bucket_is_max),
		cmocka_unit_test(test_percentile_of_very_many),
		cmocka_unit_test(test_average_is_rounded_to_nearest),
		cmocka_unit_test(test_errors_are_counted_by_code),
		cmocka_unit_test(test_codes_beyond_the_limit_are_one_number),
		cmocka_unit_test(test_unknown_codes_are_one_number_too),
		cmocka_unit_test(test_too_many_codes_never_go_below_zero),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
