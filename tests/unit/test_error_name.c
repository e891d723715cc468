/*
 * Names of error codes, and back.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <string.h>

#include "error_name.h"
#include "unit.h"

static void check(uint32_t code, const char *expected)
{
	char number[ERROR_NUMBER];

	assert_string_equal(error_name(code, number), expected);
	assert_int_equal(error_code(expected), code);
}

static void test_errno(void **state)
{
	(void)state;
	check(ENOENT, "ENOENT");
	check(ENODATA, "ENODATA");
}

static void test_ntstatus(void **state)
{
	(void)state;
	check(0xc0000034u, "NT_STATUS_OBJECT_NAME_NOT_FOUND");
	check(0xc0000022u, "NT_STATUS_ACCESS_DENIED");
	check(0x80000006u, "NT_STATUS_NO_MORE_FILES");
	/* Not of the generated list, but of Samba's own additions. */
	check(0xc05d0000u, "NT_STATUS_SMB_NO_PREAUTH_INTEGRITY_HASH_OVERLAP");
}

static void test_what_has_no_name_is_a_number(void **state)
{
	(void)state;
	check(0xc5d1c3cfu, "0xc5d1c3cf");
	check(4000, "0x00000fa0");
	check(UINT32_MAX, "other");
	assert_int_equal(error_code("ENOSUCHERROR"), 0);
	assert_int_equal(error_code("0xfg"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_errno),
		cmocka_unit_test(test_ntstatus),
		cmocka_unit_test(test_what_has_no_name_is_a_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
