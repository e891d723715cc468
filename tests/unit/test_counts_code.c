/*
 * The counters of many keys as bytes: what goes in comes out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "counts_code.h"
#include "range_code.h"

#define PATHS 40u

/* ------------------------------ range coder ------------------------------- */

static uint64_t any_number(struct random *random)
{
	return random_next(random) >> (random_next(random) >> 32) % 64;
}

/* Runs the same calls in both directions; the numbers come from `random`. */
static void code_numbers(struct range_coder *c, struct random *random)
{
	struct number_models *numbers = calloc(1, sizeof(*numbers));
	struct count_models *counts = calloc(1, sizeof(*counts));
	struct bit_model bit = { 0 };
	bool writing = c->to != NULL;
	unsigned i;

	for (i = 0; i < 5000; i++) {
		uint64_t number = any_number(random);
		uint64_t expected = any_number(random) >> 4;
		unsigned bits = (unsigned)(random_next(random) >> 32) % 65;
		uint64_t raw = bits == 0 ? 0
					 : random_next(random) >> (64 - bits);
		unsigned likely = (random_next(random) >> 32) % 1000 == 0;

		assert_int_equal(range_number(c, numbers, writing ? number : 0),
				 number);
		assert_int_equal(range_count(c, counts, writing ? number : 0,
					     expected, i % 4),
				 number);
		assert_int_equal(range_raw(c, writing ? raw : 0, bits), raw);
		assert_int_equal(range_bit(c, &bit, writing ? likely : 0),
				 likely);
	}
	free(numbers);
	free(counts);
}

static void test_numbers_come_back(void **state)
{
	struct counters_bytes bytes = { .data = NULL };
	struct random random = { 3 }, again = { 3 };
	struct range_coder c;

	(void)state;
	range_write(&c, &bytes);
	code_numbers(&c, &random);
	range_finish(&c);
	assert_false(bytes.failed);
	range_read(&c, bytes.data, bytes.size);
	code_numbers(&c, &again);
	assert_false(range_overrun(&c));
	assert_true(c.at + 4 >= c.end);
	free(bytes.data);
}

static void test_what_is_likely_takes_less_than_a_bit(void **state)
{
	struct counters_bytes bytes = { .data = NULL };
	struct bit_model bit = { 0 };
	struct range_coder c;
	unsigned i;

	(void)state;
	range_write(&c, &bytes);
	for (i = 0; i < 8000; i++) {
		range_bit(&c, &bit, i % 100 == 0);
	}
	range_finish(&c);
	/* The entropy is 0.081 bits each: 81 bytes. */
	assert_in_range(bytes.size, 81, 110);
	free(bytes.data);
}

/* A long row of ones that a carry runs through. */
static void test_a_carry_runs_through(void **state)
{
	unsigned last;

	(void)state;
	for (last = 0; last < 256; last++) {
		struct counters_bytes bytes = { .data = NULL };
		struct range_coder c;
		unsigned i;

		range_write(&c, &bytes);
		for (i = 0; i < 40; i++) {
			range_raw(&c, i < 39 ? 0xffff : last, 16);
		}
		range_finish(&c);
		range_read(&c, bytes.data, bytes.size);
		for (i = 0; i < 40; i++) {
			assert_int_equal(range_raw(&c, 0, 16),
					 i < 39 ? 0xffff : last);
		}
		free(bytes.data);
	}
}

static void test_what_is_expected(void **state)
{
	(void)state;
	assert_int_equal(range_expected(1, 2, 100), 50 * 16);
	assert_int_equal(range_expected(5, 5, 1), 16);
	assert_int_equal(range_expected(0, 5, 1000), 0);
	assert_int_equal(range_expected(3, 0, 7), 0);
	/* As large as numbers are, it is not off by more than a 1000th. */
	assert_in_range(range_expected(UINT64_MAX / 4, UINT64_MAX,
				       UINT64_C(1) << 50),
			(UINT64_C(1) << 52) / 1000 * 999, UINT64_C(1) << 52);
}

/* ------------------------------ whole counters ---------------------------- */

static void count(struct row_sum *sum, uint64_t ns)
{
	sum->histogram[hist_bucket(ns)]++;
	sum->count++;
	sum->total_ns += ns;
	row_sum_widen(sum, ns, ns);
}

static void add_errors(struct random *random, struct row_sum *sum)
{
	unsigned codes = (unsigned)(random_next(random) >> 32) % 3;

	while (codes-- > 0) {
		uint64_t times = 1 + random_next(random) % 9;

		row_sum_error(sum, 2 + codes * 11, times);
		sum->errors += times;
	}
}

static void fill(struct random *random, struct row_sum *sum)
{
	unsigned calls = (unsigned)(random_next(random) >> 32) % 60;

	while (calls-- > 0) {
		count(sum, random_ns(random, 38));
	}
	if (random_next(random) >> 63) {
		unsigned moved = (unsigned)(random_next(random) >> 32) %
			(unsigned)(sum->count + 1);

		sum->bytes = any_number(random);
		while (moved-- > 0) {
			sum->sizes[random_next(random) % SIZE_BUCKETS]++;
		}
	}
	if (sum->count > 1 && random_next(random) >> 63) {
		/* As what was taken away from leaves it. */
		sum->min_ns = any_number(random);
		sum->max_ns = any_number(random);
	}
	add_errors(random, sum);
	if (sum->count == 0 || random_next(random) >> 63) {
		sum->untimed = 1 + any_number(random) / 2;
		sum->async = any_number(random);
		sum->service_count = 1 + sum->async / 2;
		sum->service_ns = any_number(random);
		sum->service_wall_ns = any_number(random);
	}
}

/* The counters of a key, which go into *bytes as well. */
static void fill_key(struct random *random, struct path_sums *sums,
		     struct counts_key *key, unsigned number)
{
	unsigned path;

	memset(key, 0, sizeof(*key));
	key->key = number;
	key->tree_connects = any_number(random);
	for (path = 1; path <= PATHS; path++) {
		if (path == PATHS || random_next(random) >> 62 != 0) {
			fill(random, path_sums_at(sums, path));
		}
	}
	assert_true(path_sums_pack(sums, &key->nodes));
}

static bool is_single(const struct row_sum *sum)
{
	return sum->count == 1 && sum->histogram[hist_bucket(sum->total_ns)];
}

static void assert_same(const struct row_sum *read, const struct row_sum *sum)
{
	struct row_sum copy = *sum;

	assert_non_null(read);
	if (is_single(sum)) {
		copy.min_ns = copy.max_ns = sum->total_ns;
	}
	assert_memory_equal(read, &copy, sizeof(copy));
}

static void test_what_is_packed_is_unpacked(void **state)
{
	static const unsigned numbers[] = { 512, 513, 517, 600, 767 };
	struct random random = { 11 };
	struct path_sums sums[5] = { { .sum = NULL } };
	struct counters_bytes bytes = { .data = NULL };
	struct counts_key keys[5];
	struct counts_sums *read = calloc(1, sizeof(*read));
	unsigned i, path;

	(void)state;
	for (i = 0; i < 5; i++) {
		fill_key(&random, &sums[i], &keys[i], numbers[i]);
	}
	assert_true(counts_pack(keys, 5, &bytes));
	assert_true(counts_unpack(read, bytes.data, bytes.size, PATHS));
	for (i = 0; i < 5; i++) {
		unsigned place = numbers[i] % COUNTS_KEYS;

		assert_true(read->used[place]);
		assert_int_equal(read->tree_connects[place],
				 keys[i].tree_connects);
		assert_int_equal(read->sums[place].count, sums[i].count);
		for (path = 1; path <= PATHS; path++) {
			const struct row_sum *sum = path_sums_find(&sums[i],
								   path);

			if (sum != NULL) {
				assert_same(path_sums_find(&read->sums[place],
							   path),
					    sum);
			}
		}
		free(keys[i].nodes.data);
		path_sums_free(&sums[i]);
		path_sums_free(&read->sums[place]);
	}
	assert_false(read->used[2]);
	free(read);
	free(bytes.data);
}

/* As it was written before sizes were counted. */
static void test_without_sizes_it_is_read_too(void **state)
{
	static const unsigned char data[] = {
		0xf9, 0xb6, 0x86, 0x62, COUNTS_VERSION_NO_SIZES,
		0x00, 0x04, 0x08, 0xa8, 0xd1, 0xaa, 0x8d, 0x04, 0xe6, 0x55,
		0x4f, 0x39, 0xa0, 0x24, 0x0a, 0xf9, 0x71, 0x82, 0x70, 0xde,
		0xa2, 0x80, 0x00, 0x00,
	};
	struct counts_sums *read = calloc(1, sizeof(*read));
	struct row_sum reads, single;

	(void)state;
	row_sum_init(&reads);
	count(&reads, 1000);
	count(&reads, 1000);
	count(&reads, 1000);
	reads.bytes = 12288;
	row_sum_init(&single);
	count(&single, 500);
	single.untimed = 4;
	assert_true(counts_unpack(read, data, sizeof(data), PATHS));
	assert_int_equal(read->tree_connects[5], 2);
	assert_int_equal(read->sums[5].count, 2);
	assert_same(path_sums_find(&read->sums[5], 1), &reads);
	assert_same(path_sums_find(&read->sums[5], 3), &single);
	path_sums_free(&read->sums[5]);
	free(read);
}

static void test_what_is_not_whole_is_refused(void **state)
{
	struct random random = { 12 };
	struct path_sums sums = { .sum = NULL };
	struct counters_bytes bytes = { .data = NULL };
	struct counts_key key;
	struct counts_sums *read = calloc(1, sizeof(*read));
	size_t i;

	(void)state;
	fill_key(&random, &sums, &key, 3);
	assert_true(counts_pack(&key, 1, &bytes));
	assert_false(counts_unpack(read, bytes.data, bytes.size, PATHS - 1));
	for (i = 0; i < bytes.size; i++) {
		assert_false(counts_unpack(read, bytes.data, i, PATHS));
		bytes.data[i] ^= 0x10;
		assert_false(
			counts_unpack(read, bytes.data, bytes.size, PATHS));
		bytes.data[i] ^= 0x10;
	}
	path_sums_free(&sums);
	path_sums_free(&read->sums[3]);
	free(read);
	free(key.nodes.data);
	free(bytes.data);
}

static uint32_t checksum(const unsigned char *data, size_t size)
{
	uint32_t sum = 2166136261u;

	while (size-- > 0) {
		sum = (sum ^ *data++) * 16777619u;
	}
	return sum;
}

/* Whatever is in the file, with the right checksum: it ends. */
static void test_nonsense_ends(void **state)
{
	struct random random = { 78 };
	unsigned round, i;

	(void)state;
	for (round = 0; round < 300; round++) {
		size_t size = 5 + (random_next(&random) >> 32) % 200;
		unsigned char *data = malloc(size);
		struct counts_sums *read = calloc(1, sizeof(*read));

		for (i = 0; i < size; i++) {
			data[i] = (unsigned char)(random_next(&random) >> 32);
		}
		data[4] = COUNTS_VERSION;
		for (i = 0; i < 4; i++) {
			data[i] = (unsigned char)(checksum(data + 4,
							   size - 4) >>
						  8 * i);
		}
		counts_unpack(read, data, size, PATHS);
		for (i = 0; i < COUNTS_KEYS; i++) {
			path_sums_free(&read->sums[i]);
		}
		free(read);
		free(data);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_numbers_come_back),
		cmocka_unit_test(test_what_is_likely_takes_less_than_a_bit),
		cmocka_unit_test(test_a_carry_runs_through),
		cmocka_unit_test(test_what_is_expected),
		cmocka_unit_test(test_what_is_packed_is_unpacked),
		cmocka_unit_test(test_without_sizes_it_is_read_too),
		cmocka_unit_test(test_what_is_not_whole_is_refused),
		cmocka_unit_test(test_nonsense_ends),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
