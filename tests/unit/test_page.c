/*
 * The page: names in its data stay names.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "page.h"
#include "unit.h"

/* What is printed between the two halves of the page; to be freed. */
static char *printed(const json_t *data)
{
	size_t before = strlen(page_before), behind = strlen(page_behind);
	char *text = NULL;
	size_t size = 0;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	assert_true(page_print(data, out));
	fclose(out);
	assert_true(size > before + behind);
	assert_memory_equal(text, page_before, before);
	assert_string_equal(text + size - behind, page_behind);
	memmove(text, text + before, size - before - behind);
	text[size - before - behind] = '\0';
	return text;
}

static void test_no_name_ends_the_data(void **state)
{
	static const char *const names[] = {
		"</script>", "<!-- <script>", "</SCRIPT ", "<", "a\\<b\"<c",
		"\\u003c",
	};
	json_t *data = json_object(), *again;
	char *text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		json_object_set_new(data, names[i], json_string(names[i]));
	}
	text = printed(data);
	assert_null(strchr(text, '<'));
	again = json_loads(text, 0, NULL);
	assert_true(json_equal(data, again));
	json_decref(again);
	json_decref(data);
	free(text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_no_name_ends_the_data),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
