/*
 * The arena: objects that are aligned, zero-filled and apart, however large,
 * and all given back together.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arena.h"
#include "unit.h"

#define OBJECTS 3000

/* Pages that this process has mapped. */
static unsigned long mapped_pages(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	unsigned long pages = 0;

	assert_non_null(file);
	assert_int_equal(fscanf(file, "%lu", &pages), 1);
	fclose(file);
	return pages;
}

static void objects_are_aligned_zero_and_apart(void **state)
{
	struct random random = { .state = 3 };
	struct arena arena = { .chunks = NULL };
	static unsigned char *object[OBJECTS];
	static size_t size[OBJECTS];
	unsigned i;
	size_t n;

	(void)state;
	for (i = 0; i < OBJECTS; i++) {
		size[i] = random_next(&random) % 1000;
		object[i] = arena_alloc(&arena, size[i]);
		assert_non_null(object[i]);
		assert_int_equal((uintptr_t)object[i] % ARENA_LINE, 0);
		for (n = 0; n < size[i]; n++) {
			assert_int_equal(object[i][n], 0);
		}
		memset(object[i], (int)i, size[i]);
	}
	for (i = 0; i < OBJECTS; i++) {
		for (n = 0; n < size[i]; n++) {
			assert_int_equal(object[i][n], (unsigned char)i);
		}
	}
	arena_free(&arena);
}

static void large_object_is_whole(void **state)
{
	const size_t size = 3 << 20;
	struct arena arena = { .chunks = NULL };
	unsigned char *small = arena_alloc(&arena, 1);
	unsigned char *large = arena_alloc(&arena, size);

	(void)state;
	assert_non_null(small);
	assert_non_null(large);
	memset(large, 1, size);
	assert_int_equal(*small, 0);
	arena_free(&arena);
}

static void object_beyond_all_memory_is_refused(void **state)
{
	struct arena arena = { .chunks = NULL };

	(void)state;
	/* volatile: the compiler would refuse the size, too. */
	volatile size_t size = SIZE_MAX - 10;

	assert_null(arena_alloc(&arena, size));
	assert_non_null(arena_alloc(&arena, 10));
	arena_free(&arena);
}

static void all_of_it_is_given_back(void **state)
{
	unsigned long before = mapped_pages();
	struct arena arena = { .chunks = NULL };
	unsigned i;

	(void)state;
	for (i = 0; i < OBJECTS; i++) {
		assert_non_null(arena_alloc(&arena, 1000));
	}
	assert_true(mapped_pages() > before);
	arena_free(&arena);
	assert_int_equal(mapped_pages(), before);
}

static void nothing_of_it_is_on_the_heap(void **state)
{
	char *before = sbrk(0);
	struct arena arena = { .chunks = NULL };
	unsigned i;

	(void)state;
	for (i = 0; i < OBJECTS; i++) {
		assert_non_null(arena_alloc(&arena, 1000));
	}
	assert_ptr_equal(sbrk(0), before);
	arena_free(&arena);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(objects_are_aligned_zero_and_apart),
		cmocka_unit_test(large_object_is_whole),
		cmocka_unit_test(object_beyond_all_memory_is_refused),
		cmocka_unit_test(all_of_it_is_given_back),
		cmocka_unit_test(nothing_of_it_is_on_the_heap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
