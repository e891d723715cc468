/*
 * The diagnosis of what clients ask for, and of which files.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

#include "diagnosed.h"
#include "file_writer.h"

#define CREATE 5u
#define CLOSE_FILE 6u
#define QUERY_DIRECTORY 14u
#define GETINFO 16u

/* So many of these requests, 1 ms each, for a file. */
static void ask(struct made *m, unsigned calls, unsigned opcode,
		uint32_t error, const char *path)
{
	const struct latency_file_sum use = {
		.time_ns = MS, .requests = 1, .failures = error != 0,
	};
	unsigned i;

	for (i = 0; i < calls; i++) {
		node_record(m->w, node_of(m->slot, opcode, -1), MS, 0, error);
		files_count(m->slot, path, &use);
	}
	m->w->header->time.smb_ns += calls * (uint64_t)MS;
}

static const char *first_cause(const struct test_dir *td)
{
	static struct diagnosis d;
	struct account a;

	look(td, &a, &d);
	account_free(&a);
	return d.main == 0 ? "" : d.finding[0].cause->name;
}

static void test_the_same_question_again_and_again(void **state)
{
	struct made m = make(*state, 1);

	ask(&m, 100, CREATE, 0, "settings");
	ask(&m, 100, GETINFO, 0, "settings");
	ask(&m, 100, CLOSE_FILE, 0, "settings");
	assert_string_equal(first_cause(*state), "repeated");
	segment_close(m.w);
}

static void test_questions_about_many_files(void **state)
{
	struct made m = make(*state, 1);
	unsigned i;

	for (i = 0; i < 100; i++) {
		char path[16];

		snprintf(path, sizeof(path), "file%u", i);
		ask(&m, 1, CREATE, 0, path);
		ask(&m, 1, GETINFO, 0, path);
		ask(&m, 1, CLOSE_FILE, 0, path);
	}
	assert_string_equal(first_cause(*state), "questions");
	segment_close(m.w);
}

static void test_a_large_directory_is_not_asked_for_again(void **state)
{
	struct made m = make(*state, 1);

	ask(&m, 1, CREATE, 0, "large");
	ask(&m, 500, QUERY_DIRECTORY, 0, "large");
	ask(&m, 1, CLOSE_FILE, 0, "large");
	assert_string_equal(first_cause(*state), "");
	segment_close(m.w);
}

static void test_streams_that_are_missing_are_told_from_names(void **state)
{
	struct made m = make(*state, 1);

	ask(&m, 100, CREATE, 0xc0000034, "file:AFP_AfpInfo");
	assert_string_equal(first_cause(*state), "streams");
	ask(&m, 300, CREATE, 0xc0000034, "library");
	assert_string_equal(first_cause(*state), "missing_names");
	segment_close(m.w);
}

static void test_what_fails_is_told_with_its_code(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	ask(&m, 50, CREATE, 0xc0000022, "secret");
	look(*state, &a, &d);
	assert_first(&d, "refused");
	assert_string_equal(d.finding[0].evidence, "50 of 50 requests failed; "
			    "50 times CREATE with NT_STATUS_ACCESS_DENIED.");
	account_free(&a);
	segment_close(m.w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_dir_make, test_dir_remove)
		TEST(test_the_same_question_again_and_again),
		TEST(test_questions_about_many_files),
		TEST(test_a_large_directory_is_not_asked_for_again),
		TEST(test_streams_that_are_missing_are_told_from_names),
		TEST(test_what_fails_is_told_with_its_code),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
