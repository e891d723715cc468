/*
 * Text from outside: shown harmlessly, and found again as it was shown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "unit.h"

static void check(const char *text, const char *expected)
{
	char *escaped = escape_text(text);
	char exact[256];

	assert_string_equal(escaped, expected);
	escape_text_to(exact, strlen(expected) + 1, text);
	assert_string_equal(exact, expected);
	unescape_text(escaped);
	assert_string_equal(escaped, text);
	free(escaped);
}

static void test_what_can_be_shown_stays(void **state)
{
	(void)state;
	check("", "");
	check("a file; with \"signs\" %s", "a file; with \"signs\" %s");
	check("Größe", "Größe");
	check("写真", "写真");
	check("\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80");
}

static void test_a_backslash_is_one(void **state)
{
	(void)state;
	check("DOMAIN\\user", "DOMAIN\\user");
	check("DOMAIN\\xavier", "DOMAIN\\xavier");
	check("\\\\server\\share\\", "\\\\server\\share\\");
}

static void test_what_looks_escaped_is_told_apart(void **state)
{
	(void)state;
	check("DOMAIN\\xabel", "DOMAIN\\x5cxabel");
	check("\\x5c", "\\x5cx5c");
}

static void test_bytes_that_are_no_utf8(void **state)
{
	(void)state;
	check("Gr\xf6\xdf" "e", "Gr\\xf6\\xdfe");
	check("\xc3", "\\xc3");
	check("\xe5\x86", "\\xe5\\x86");
	check("\xc0\xaf", "\\xc0\\xaf");
	check("\xed\xa0\x80", "\\xed\\xa0\\x80");
	check("\xf5\x80\x80\x80", "\\xf5\\x80\\x80\\x80");
}

static void test_what_would_act_on_a_terminal(void **state)
{
	(void)state;
	check("\033[2J", "\\x1b[2J");
	check("a\nb\177", "a\\x0ab\\x7f");
	check("\xc2\x9b", "\\xc2\\x9b");		/* CSI in C1 */
	check("\xe2\x80\xae" "cod.exe", "\\xe2\\x80\\xae" "cod.exe");
	check("\xd8\x9c", "\\xd8\\x9c");		/* Arabic letter mark */
	check("\xe2\x80\x8b", "\\xe2\\x80\\x8b");	/* zero width */
	check("\xef\xbb\xbf", "\\xef\\xbb\\xbf");
	check("\xf3\xa0\x81\x81", "\\xf3\\xa0\\x81\\x81"); /* a tag */
}

static void test_too_long_ends_with_a_whole_character(void **state)
{
	static const char text[] = "a\xe5\x86\x99\n\xf6z";
	char whole[64], part[64];
	size_t size;

	(void)state;
	escape_text_to(whole, sizeof(whole), text);
	for (size = 1; size <= sizeof(part); size++) {
		char *exact = malloc(size);	/* so that ASan sees its end */
		char *again;

		escape_text_to(exact, size, text);
		assert_true(strlen(exact) < size);
		assert_memory_equal(exact, whole, strlen(exact));
		strcpy(part, exact);
		unescape_text(part);
		again = escape_text(part);
		assert_string_equal(again, exact);
		free(again);
		free(exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_can_be_shown_stays),
		cmocka_unit_test(test_a_backslash_is_one),
		cmocka_unit_test(test_what_looks_escaped_is_told_apart),
		cmocka_unit_test(test_bytes_that_are_no_utf8),
		cmocka_unit_test(test_what_would_act_on_a_terminal),
		cmocka_unit_test(test_too_long_ends_with_a_whole_character),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
