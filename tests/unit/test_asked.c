/*
 * Which requests a connection could have done without: at least.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "asked.h"

static uint64_t spare(const struct asked *a, enum spare kind)
{
	struct spared spared[SPARES];

	asked_spare(a, spared);
	return spared[kind].requests;
}

static void test_a_copy_of_small_files_has_none(void **state)
{
	const struct asked a = {
		.count = {
			[SMB2_OP_CREATE] = 100,
			[SMB2_OP_WRITE] = 100,
			[SMB2_OP_CLOSE] = 100,
		},
		.bytes = 100 * 4096,
	};
	unsigned i;

	(void)state;
	for (i = 0; i < SPARES; i++) {
		assert_int_equal(spare(&a, i), 0);
	}
}

static void test_a_file_in_small_pieces_needs_one_for_each_32_kib(void **state)
{
	struct asked a = {
		.count = {
			[SMB2_OP_CREATE] = 1,
			[SMB2_OP_WRITE] = 800,
			[SMB2_OP_CLOSE] = 1,
		},
		.total_ns = { [SMB2_OP_WRITE] = 800000 },
		.bytes = 800 * 4096,
	};
	struct spared spared[SPARES];

	(void)state;
	asked_spare(&a, spared);
	/* 100 of 32 KiB, and one for what is left over. */
	assert_int_equal(spared[SPARE_SMALL].requests, 800 - 101);
	assert_int_equal(spared[SPARE_SMALL].total_ns, (800 - 101) * 1000);
	/* How large they were is not known: nothing can be said. */
	a.bytes = 0;
	assert_int_equal(spare(&a, SPARE_SMALL), 0);
	a.bytes = 800 * 65536;
	assert_int_equal(spare(&a, SPARE_SMALL), 0);
}

static void test_only_opens_without_any_use_are_questions(void **state)
{
	struct asked a = {
		.count = {
			[SMB2_OP_CREATE] = 100,
			[SMB2_OP_GETINFO] = 150,
			[SMB2_OP_CLOSE] = 100,
		},
	};

	(void)state;
	assert_int_equal(spare(&a, SPARE_QUESTION), 3 * 100);
	a.count[SMB2_OP_READ] = 30;
	a.count[SMB2_OP_QUERY_DIRECTORY] = 5;
	a.changes = 15;			/* directories made, files removed */
	assert_int_equal(spare(&a, SPARE_QUESTION), 3 * 50);
	/* One that fails is no open, and asked for nothing. */
	a.missing[SMB2_OP_CREATE] = 20;
	assert_int_equal(spare(&a, SPARE_QUESTION), 3 * 30);
	a.count[SMB2_OP_GETINFO] = 10;
	assert_int_equal(spare(&a, SPARE_QUESTION), 3 * 10);
	a.count[SMB2_OP_SETINFO] = 100;
	assert_int_equal(spare(&a, SPARE_QUESTION), 0);
}

static void test_what_fails_takes_its_part(void **state)
{
	const struct asked a = {
		.count = { [SMB2_OP_CREATE] = 100, [SMB2_OP_WRITE] = 10 },
		.total_ns = { [SMB2_OP_CREATE] = 5000, [SMB2_OP_WRITE] = 900 },
		.missing = { [SMB2_OP_CREATE] = 60 },
		.refused = { [SMB2_OP_CREATE] = 20, [SMB2_OP_WRITE] = 10 },
	};
	struct spared spared[SPARES];

	(void)state;
	asked_spare(&a, spared);
	assert_int_equal(spared[SPARE_MISSING].requests, 60);
	assert_int_equal(spared[SPARE_MISSING].total_ns, 3000);
	assert_int_equal(spared[SPARE_REFUSED].requests, 30);
	assert_int_equal(spared[SPARE_REFUSED].total_ns, 1000 + 900);
}

/* No smbd has counted that, but a segment may say so. */
static void test_more_than_a_number_holds_is_the_most_it_holds(void **state)
{
	struct asked a = {
		.count = { [SMB2_OP_CREATE] = 100 },
		.missing = { [SMB2_OP_CREATE] = 100 },
		.total_ns = { [SMB2_OP_CREATE] = UINT64_MAX },
	};
	struct spared spared[SPARES];

	(void)state;
	asked_spare(&a, spared);
	assert_true(spared[SPARE_MISSING].total_ns == UINT64_MAX);
}

static void test_what_is_no_failure_is_not_refused(void **state)
{
	(void)state;
	assert_true(asked_is_refusal("SMB2_OP_CREATE", 0xc0000022));
	assert_false(asked_is_refusal("SMB2_OP_CREATE", 0xc0000034));
	assert_false(asked_is_refusal("SMB2_OP_READ", 0xc0000011));
	assert_true(asked_is_refusal("SMB2_OP_CREATE", 0xc0000011));
	assert_false(asked_is_refusal("SMB2_OP_QUERY_DIRECTORY", 0x80000006));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_copy_of_small_files_has_none),
		cmocka_unit_test(
			test_a_file_in_small_pieces_needs_one_for_each_32_kib),
		cmocka_unit_test(
			test_only_opens_without_any_use_are_questions),
		cmocka_unit_test(test_what_fails_takes_its_part),
		cmocka_unit_test(
			test_more_than_a_number_holds_is_the_most_it_holds),
		cmocka_unit_test(test_what_is_no_failure_is_not_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
