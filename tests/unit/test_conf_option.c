/*
 * The options of smb.conf: which are known, and what was meant.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <cmocka.h>

#include "conf_option.h"

/* strwicmp() of Samba leaves out blanks and the difference of cases. */
static void test_known_as_samba_compares(void **state)
{
	(void)state;
	assert_non_null(conf_option_find("latency:slow threshold"));
	assert_non_null(conf_option_find("Latency:SlowThreshold"));
	assert_true(conf_option_find("latency:directory")->global);
	assert_null(conf_option_find("latency:slow_threshold"));
	assert_null(conf_option_find("latency:"));
	assert_null(conf_option_find("slow threshold"));
}

static void test_what_was_meant(void **state)
{
	static const char *const meant[][2] = {
		{ "latency:slow treshold", "latency:slow threshold" },
		{ "latency:slow_threshold", "latency:slow threshold" },
		{ "latency:exmept", "latency:exempt" },
		{ "latancy:exempt", "latency:exempt" },
		{ "vfs_latency:directory", "latency:directory" },
	};
	size_t i;
	bool near;

	(void)state;
	for (i = 0; i < sizeof(meant) / sizeof(meant[0]); i++) {
		const struct conf_option *o =
			conf_option_meant(meant[i][0], &near);

		assert_non_null(o);
		assert_string_equal(o->name, meant[i][1]);
		assert_true(near);
	}
}

static void test_like_none(void **state)
{
	bool near;

	(void)state;
	assert_non_null(conf_option_meant("latency:colour of it", &near));
	assert_false(near);
	assert_null(conf_option_meant("full_audit:prefix", &near));
	assert_null(conf_option_meant("recycle:exempt", &near));
	assert_null(conf_option_meant("path", &near));
}

static void test_long_names(void **state)
{
	char name[4096];
	bool near;

	(void)state;
	memset(name, 'x', sizeof(name));
	memcpy(name, "latency:", 8);
	name[sizeof(name) - 1] = '\0';
	assert_null(conf_option_find(name));
	assert_non_null(conf_option_meant(name, &near));
	assert_false(near);
	assert_false(almost(name + 8, "latency"));
}

static void test_almost(void **state)
{
	(void)state;
	assert_true(almost("latancy", "latency"));
	assert_true(almost("Latency", "latency"));
	assert_true(almost("vfs_latency", "latency"));
	assert_true(almost("latency.so", "latency"));
	assert_false(almost("latency", "latency"));
	assert_false(almost("acl_xattr", "latency"));
	assert_false(almost("catia", "latency"));
}

static void test_milliseconds(void **state)
{
	static const char *const bad[] = {
		"", "abc", "-1", "0.5", "5 ms", "5ms", "2147483648",
		"99999999999999999999",
	};
	size_t i;
	int ms;

	(void)state;
	assert_true(conf_milliseconds("0", &ms) && ms == 0);
	assert_true(conf_milliseconds("2147483647", &ms) && ms == 2147483647);
	assert_true(conf_milliseconds("0x10", &ms) && ms == 16);
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		assert_false(conf_milliseconds(bad[i], &ms));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_as_samba_compares),
		cmocka_unit_test(test_what_was_meant),
		cmocka_unit_test(test_like_none),
		cmocka_unit_test(test_long_names),
		cmocka_unit_test(test_almost),
		cmocka_unit_test(test_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
