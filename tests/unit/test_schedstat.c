/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"
#include "../../modules/schedstat.h"

static void the_second_number_is_the_time_without_a_cpu(void **state)
{
	(void)state;
	assert_int_equal(schedstat_wait_ns("123456789 4567 89\n"), 4567);
	assert_int_equal(schedstat_wait_ns("1 18446744073709551615 2\n"),
			 UINT64_MAX);
	assert_int_equal(schedstat_wait_ns("0 0 0\n"), 0);
}

static void what_is_cut_off_or_something_else_is_none(void **state)
{
	(void)state;
	assert_int_equal(schedstat_wait_ns(""), 0);
	assert_int_equal(schedstat_wait_ns("123"), 0);
	assert_int_equal(schedstat_wait_ns("123 "), 0);
	assert_int_equal(schedstat_wait_ns("123 -5 6"), 0);
	assert_int_equal(schedstat_wait_ns("123 45"), 45);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_second_number_is_the_time_without_a_cpu),
		cmocka_unit_test(what_is_cut_off_or_something_else_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
