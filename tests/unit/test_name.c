/*
 * Names and paths in fields that are too small for them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <string.h>
#include <cmocka.h>

#include "name.h"

static void a_name_that_fits_is_kept(void **state)
{
	char field[24];

	(void)state;
	name_copy(field, sizeof(field), "twenty-three characters");
	assert_string_equal(field, "twenty-three characters");
}

static void a_long_name_is_cut_and_marked(void **state)
{
	char field[24];

	(void)state;
	name_copy(field, sizeof(field), "twenty-four characters..");
	assert_int_equal(strlen(field), 23);
	assert_memory_equal(field, "twenty~", 7);
	assert_int_equal(strspn(field + 7, "0123456789abcdef"), 16);
}

static void a_cut_name_has_whole_characters(void **state)
{
	char field[24];

	(void)state;
	/* The sixth byte of it would be the first of two. */
	name_copy(field, sizeof(field), "names\xc3\xa9 that is much too long");
	assert_memory_equal(field, "names~", 6);
	assert_int_equal(strlen(field), 22);
}

static void long_names_with_the_same_beginning_differ(void **state)
{
	char a[64], b[64], one[200], other[200];

	(void)state;
	memset(one, 'x', sizeof(one) - 1);
	one[sizeof(one) - 1] = '\0';
	strcpy(other, one);
	other[sizeof(other) - 2] = 'y';
	name_copy(a, sizeof(a), one);
	name_copy(b, sizeof(b), other);
	assert_string_not_equal(a, b);
	assert_true(name_is(a, sizeof(a), one));
	assert_false(name_is(a, sizeof(a), other));
}

static void a_short_name_is_found_as_it_is(void **state)
{
	char field[64];

	(void)state;
	name_copy(field, sizeof(field), "share");
	assert_true(name_is(field, sizeof(field), "share"));
	assert_false(name_is(field, sizeof(field), "shares"));
	assert_false(name_is(field, sizeof(field), ""));
}

static void a_long_path_keeps_its_end(void **state)
{
	char field[16];

	(void)state;
	path_copy(field, sizeof(field), "short/file.txt");
	assert_string_equal(field, "short/file.txt");
	path_copy(field, sizeof(field), "very/long/way/to/file.txt");
	assert_string_equal(field, ".../to/file.txt");
}

static void a_cut_path_has_whole_characters(void **state)
{
	char field[8];

	(void)state;
	/* Four bytes would be left: the end of a character and three. */
	path_copy(field, sizeof(field), "directory\xc3\xa9" "abc");
	assert_string_equal(field, "...abc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_name_that_fits_is_kept),
		cmocka_unit_test(a_long_name_is_cut_and_marked),
		cmocka_unit_test(a_cut_name_has_whole_characters),
		cmocka_unit_test(long_names_with_the_same_beginning_differ),
		cmocka_unit_test(a_short_name_is_found_as_it_is),
		cmocka_unit_test(a_long_path_keeps_its_end),
		cmocka_unit_test(a_cut_path_has_whole_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
