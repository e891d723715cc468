/*
 * Text in columns: of whatever width, never a byte or a column too many.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "unit.h"

#define WIDTHS 300u

static const char *const texts[] = {
	"", "a", "ab", "abc", "SMB2_OP_QUERY_DIRECTORY",
	"Größenänderungsübersichten-für-alle-möglichen-Straßenzüge",
	"写真写真写真",				/* two columns each */
	"e\xcc\x81" "e\xcc\x81" "e\xcc\x81",		/* combining accents */
	"\xcc\x81", "\xff\xfe\xfd", "\033[2J", "DOMAIN\\user",
};

#define TEXTS (sizeof(texts) / sizeof(texts[0]))

/* What is printed with `width` columns, to be freed. */
static char *printed(void (*print)(FILE *, const char *, unsigned),
		     const char *text, unsigned width)
{
	char *printed;
	size_t size;
	FILE *out = open_memstream(&printed, &size);

	assert_non_null(out);
	print(out, text, width);
	assert_int_equal(fclose(out), 0);
	return printed;
}

static void test_wide_and_combining_characters(void **state)
{
	(void)state;
	assert_int_equal(text_columns("abc"), 3);
	assert_int_equal(text_columns("Größe"), 5);
	assert_int_equal(text_columns("写真"), 4);
	assert_int_equal(text_columns("e\xcc\x81"), 1);
}

static void test_a_name_takes_its_width(void **state)
{
	unsigned i, width;

	(void)state;
	for (i = 0; i < TEXTS; i++) {
		for (width = 0; width <= WIDTHS; width++) {
			char *name = printed(print_name, texts[i], width);
			char *end = printed(print_end_of_name, texts[i],
					    width);

			assert_int_equal(text_columns(name), width);
			assert_int_equal(text_columns(end), width);
			free(name);
			free(end);
		}
	}
}

static void check_cut(void (*cut)(char *, unsigned), const char *from,
		      unsigned width, const char *expected)
{
	char *text = strdup(from);	/* so that ASan sees its ends */

	assert_non_null(text);
	cut(text, width);
	assert_string_equal(text, expected);
	free(text);
}

static void test_what_is_cut(void **state)
{
	(void)state;
	check_cut(text_cut, "abcdef", 6, "abcdef");
	check_cut(text_cut, "abcdef", 5, "abc..");
	check_cut(text_cut, "abcdef", 2, "..");
	check_cut(text_cut, "abcdef", 1, ".");
	check_cut(text_cut, "abcdef", 0, "");
	check_cut(text_cut, "写真写", 5, "写..");
	check_cut(text_cut, "写真写", 4, "写..");
	check_cut(text_cut, "写真写", 3, "..");
	check_cut(text_cut_front, "abcdef", 6, "abcdef");
	check_cut(text_cut_front, "abcdef", 5, "..def");
	check_cut(text_cut_front, "abcdef", 1, ".");
	check_cut(text_cut_front, "abcdef", 0, "");
	check_cut(text_cut_front, "写真写", 5, "..写");
}

static void test_numbers_fit(void **state)
{
	char cell[CELL];
	uint64_t value;
	unsigned width;

	(void)state;
	for (value = 1; value < UINT64_MAX / 10; value = value * 9 + 7) {
		for (width = 4; width <= 20; width++) {
			assert_true(strlen(cell_count(cell, value, width)) <=
				    width);
			assert_true(strlen(cell_us(cell, value, width)) <=
				    width);
		}
	}
}

static void test_less_has_a_floor(void **state)
{
	(void)state;
	assert_int_equal(less(80, 46, 12), 34);
	assert_int_equal(less(50, 46, 12), 12);
	assert_int_equal(less(10, 46, 12), 12);
	assert_int_equal(less(46, 46, 0), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_wide_and_combining_characters),
		cmocka_unit_test(test_a_name_takes_its_width),
		cmocka_unit_test(test_what_is_cut),
		cmocka_unit_test(test_numbers_fit),
		cmocka_unit_test(test_less_has_a_floor),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
