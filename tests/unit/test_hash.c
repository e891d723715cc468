/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"
#include "hash.h"

#define MANY 10000u

static struct hash h = HASH(h);
static struct hash_item items[MANY];

static int forget(void **state)
{
	(void)state;
	hash_forget(&h);
	return 0;
}

static void add_many(void)
{
	unsigned i;

	for (i = 0; i < MANY; i++) {
		hash_add(&h, &items[i], i * 64);
	}
}

static void what_was_added_is_found(void **state)
{
	unsigned i;

	(void)state;
	add_many();
	for (i = 0; i < MANY; i++) {
		assert_ptr_equal(hash_find(&h, i * 64), &items[i]);
	}
	assert_null(hash_find(&h, 1));
}

static void what_was_taken_out_is_gone_and_nothing_else(void **state)
{
	unsigned i;

	(void)state;
	add_many();
	for (i = 0; i < MANY; i += 2) {
		hash_remove(&h, &items[i]);
	}
	for (i = 0; i < MANY; i++) {
		assert_ptr_equal(hash_find(&h, i * 64),
				 i % 2 == 0 ? NULL : &items[i]);
	}
	assert_int_equal(h.items, MANY / 2);
}

static void all_of_a_key_are_found(void **state)
{
	const struct hash_item *item;
	unsigned found = 0;

	(void)state;
	hash_add(&h, &items[0], 7);
	hash_add(&h, &items[1], 8);
	hash_add(&h, &items[2], 7);
	for (item = hash_find(&h, 7); item != NULL;
	     item = hash_search(item->next, 7)) {
		assert_true(item == &items[0] || item == &items[2]);
		found++;
	}
	assert_int_equal(found, 2);
}

/* However many a client has made: addresses of objects, ids in a row. */
static void no_bucket_is_long(void **state)
{
	const struct hash_item *item;
	size_t i, length;

	(void)state;
	add_many();
	assert_true((size_t)1 << h.bits >= MANY / 4);
	for (i = 0; i < (size_t)1 << h.bits; i++) {
		length = 0;
		for (item = h.bucket[i]; item != NULL; item = item->next) {
			length++;
		}
		assert_true(length < 16);
	}
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, forget, forget)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_added_is_found),
		TEST(what_was_taken_out_is_gone_and_nothing_else),
		TEST(all_of_a_key_are_found),
		TEST(no_bucket_is_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
