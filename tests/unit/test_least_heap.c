/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"
#include "least_heap.h"

static struct random chance = { 1 };
static uint64_t weight[LEAST_HEAP_MOST];

/* The first must have the least of all weights that were set. */
static void check(const struct least_heap *h)
{
	unsigned i, first = least_heap_first(h);

	assert_in_range(first, 0, h->count - 1);
	for (i = 0; i < h->count; i++) {
		assert_int_equal(h->weight[i], weight[i]);
		assert_true(weight[first] <= weight[i]);
	}
}

static void set(struct least_heap *h, unsigned number, uint64_t value)
{
	weight[number] = value;
	least_heap_set(h, number, value);
	check(h);
}

static void numbers_are_handed_out_from_0_on(void **state)
{
	struct least_heap h = { 0 };
	unsigned i;

	(void)state;
	for (i = 0; i < LEAST_HEAP_MOST; i++) {
		assert_int_equal(least_heap_add(&h), i);
		weight[i] = 0;
		check(&h);
		set(&h, i, random_next(&chance) % 1000);
	}
	assert_int_equal(h.count, LEAST_HEAP_MOST);
}

/* Few or many, and weights of which few or many are the same. */
static void the_first_has_the_least_weight(void **state)
{
	unsigned size, n;

	(void)state;
	for (size = 1; size <= LEAST_HEAP_MOST; size += 1 + size / 4) {
		struct least_heap h = { 0 };

		while (h.count < size) {
			weight[least_heap_add(&h)] = 0;
		}
		for (n = 0; n < 2000; n++) {
			set(&h, (unsigned)(random_next(&chance) % size),
			    random_next(&chance) % (n % 2 ? 8 : UINT64_MAX));
		}
	}
}

static void in_the_order_of_their_weights_all_are_first_once(void **state)
{
	struct least_heap h = { 0 };
	bool seen[LEAST_HEAP_MOST] = { false };
	uint64_t last = 0;
	unsigned n, first;

	(void)state;
	while (h.count < LEAST_HEAP_MOST) {
		unsigned number = least_heap_add(&h);

		weight[number] = 0;
		set(&h, number, random_next(&chance) % 100);
	}
	for (n = 0; n < LEAST_HEAP_MOST; n++) {
		first = least_heap_first(&h);
		assert_false(seen[first]);
		seen[first] = true;
		assert_true(weight[first] >= last);
		last = weight[first];
		set(&h, first, UINT64_MAX);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_handed_out_from_0_on),
		cmocka_unit_test(the_first_has_the_least_weight),
		cmocka_unit_test(
			in_the_order_of_their_weights_all_are_first_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
