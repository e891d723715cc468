/*
 * A history whose values are not what a recorder writes is refused by name, and
 * nothing is computed with them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "dispatch.h"
#include "history_span.h"
#include "options.h"
#include "unit.h"

/* A history of one interval that was changed like that: what is said of it. */
static void refuse(void **state, const char *change, const char *complaint)
{
	const struct test_dir *td = *state;
	struct history_interval interval = {
		.begin_ns = 1000000000, .end_ns = 2000000000,
	};
	struct latency_error error = { .text = "" };
	struct history_span span;
	struct history_db db;
	char name[512];

	snprintf(name, sizeof(name), "%s/history.db", td->path);
	assert_true(history_db_create(&db, name, &error));
	assert_true(history_interval_add(&db, &interval, &error));
	assert_true(history_run(&db, change, &error));
	history_db_close(&db);

	assert_true(history_db_open(&db, name, &error));
	assert_false(history_span_read(&db, 0, INT64_MAX, false, &span,
				       &error));
	if (strstr(error.text, complaint) == NULL ||
	    strstr(error.text, name) == NULL) {
		fail_msg("said: %s", error.text);
	}
	history_db_close(&db);
}

static void test_id_that_is_too_large(void **state)
{
	refuse(state, "UPDATE interval SET id = 2306224539748532224",
	       "interval 2306224539748532224 makes no sense");
}

static void test_id_below_zero(void **state)
{
	refuse(state, "UPDATE interval SET id = -1",
	       "interval -1 makes no sense");
}

static void test_time_below_zero(void **state)
{
	refuse(state, "UPDATE interval SET begin_ns = -1000",
	       "interval 1 makes no sense");
}

static void test_id_that_is_the_last(void **state)
{
	const struct test_dir *td = *state;
	struct history_interval interval = { .begin_ns = 1 };
	struct latency_error error = { .text = "" };
	struct history_db db;
	char name[512];

	snprintf(name, sizeof(name), "%s/history.db", td->path);
	assert_true(history_db_create(&db, name, &error));
	assert_true(history_run(&db, "INSERT INTO interval (id) VALUES "
				"(9223372036854775807)", &error));
	assert_false(history_interval_add(&db, &interval, &error));
	assert_non_null(strstr(error.text, "makes no sense"));
	history_db_close(&db);
}

/* It takes as long as there is something to show, not as it is long. */
static void test_steps_of_what_is_very_long(void **state)
{
	const struct test_dir *td = *state;
	struct history_interval soon = { .end_ns = 2000000000 };
	struct history_interval late = { .end_ns = INT64_MAX };
	struct latency_error error = { .text = "" };
	const char *const *rest;
	struct options options;
	struct history_db db;
	char name[512];
	const char *words[] = { "smblatency-stat", "--json", "--database",
				name, "--to", "now", "-i", "0.01" };

	snprintf(name, sizeof(name), "%s/history.db", td->path);
	assert_true(history_db_create(&db, name, &error));
	assert_true(history_interval_add(&db, &soon, &error));
	assert_true(history_interval_add(&db, &late, &error));
	history_db_close(&db);

	memset(&options, 0, sizeof(options));
	assert_int_equal(options_parse(8, words, &options, &rest), EXIT_OK);
	alarm(20);
	assert_int_equal(dispatch(&options, rest), EXIT_OK);
	alarm(0);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, \
					test_dir_make, test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_id_that_is_too_large),
		TEST(test_id_below_zero),
		TEST(test_time_below_zero),
		TEST(test_id_that_is_the_last),
		TEST(test_steps_of_what_is_very_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
