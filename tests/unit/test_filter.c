/*
 * What a filter wants, and what there is where it finds nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "filter_match.h"
#include "unit.h"

static void make(const struct test_dir *td, struct segment_image *image)
{
	struct segment_writer *w = segment_make(td, 1, 1);

	assert_non_null(slot_for(w, "data", "DOMAIN\\alice", "192.0.2.1"));
	assert_non_null(slot_for(w, "home", "bob", "2001:db8::1"));
	image_read(td, segment_name(1, 1), image);
	segment_close(w);
}

static void check(const struct test_dir *td, struct filter filter,
		  bool expected, bool share_matched, bool user_matched)
{
	struct filter_match m = { .any = false };
	struct segment_image image;

	make(td, &image);
	filter_match_add(&m, &filter, &image);
	assert_int_equal(filter_match_failed(&m, &filter), !expected);
	assert_int_equal(m.share.matched, share_matched);
	assert_int_equal(m.user.matched, user_matched);
	filter_match_free(&m);
	segment_image_free(&image);
	test_dir_empty(td);
}

static void test_names_have_no_case(void **state)
{
	check(*state, (struct filter){ .share = "DATA" }, true, true, false);
	check(*state, (struct filter){ .user = "domain\\Alice" }, true, false,
	      true);
	check(*state, (struct filter){ .client = "2001:DB8::1" }, true, false,
	      false);
	check(*state, (struct filter){ .share = NULL }, true, false, false);
}

static void test_which_name_is_not_there(void **state)
{
	check(*state, (struct filter){ .share = "dat" }, false, false, false);
	check(*state, (struct filter){ .share = "data", .user = "carol" },
	      false, true, false);
	/* Each is there, but not together. */
	check(*state, (struct filter){ .share = "data", .user = "bob" },
	      false, true, true);
}

static void test_what_there_is(void **state)
{
	const struct filter filter = { .share = "x" };
	struct filter_match m = { .any = false };
	struct segment_image image;

	make(*state, &image);
	filter_match_add(&m, &filter, &image);
	filter_match_add(&m, &filter, &image);
	assert_int_equal(m.share.count, 2);
	assert_int_equal(m.user.count, 0);
	assert_false(m.share.more);
	filter_match_free(&m);
	segment_image_free(&image);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_names_have_no_case,
						test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(test_which_name_is_not_there,
						test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(test_what_there_is,
						test_dir_make,
						test_dir_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
