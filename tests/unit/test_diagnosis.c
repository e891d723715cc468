/*
 * The diagnosis of segments made by hand: what is named, and how it is said.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "diagnosed.h"

#define CREATE 5u

static void test_nothing_is_not_enough(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_slowly(&m, 19, 50 * MS);
	look(*state, &a, &d);
	assert_int_equal(d.state, DIAGNOSIS_NOT_ENOUGH);
	assert_int_equal(d.findings, 0);
	account_free(&a);
	segment_close(m.w);
}

static void test_who_waits_for_nobody_is_idle(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_slowly(&m, 30, 10000);
	m.w->header->time.waiting_client_ns = 60000000000u;
	look(*state, &a, &d);
	assert_int_equal(d.state, DIAGNOSIS_IDLE);
	account_free(&a);
	segment_close(m.w);
}

static void test_quick_reads_are_healthy(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_slowly(&m, 100, 100000);
	look(*state, &a, &d);
	assert_int_equal(d.state, DIAGNOSIS_HEALTHY);
	account_free(&a);
	segment_close(m.w);
}

static void test_slow_reads_are_named_with_what_would_be_saved(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_slowly(&m, 100, 20 * MS);
	look(*state, &a, &d);
	assert_first(&d, "slow_reads");
	/* All but 0.2 ms a call; a bucket is 6 % wide. */
	assert_true(d.finding[0].share > 0.92 && d.finding[0].share <= 1);
	assert_non_null(strstr(d.finding[0].evidence,
			       "100 calls of pread took 20.0 ms on average"));
	account_free(&a);
	segment_close(m.w);
}

static void test_many_quick_calls_do_not_hide_slow_ones(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_slowly(&m, 10000, 1000);
	read_slowly(&m, 10, 50 * MS);
	look(*state, &a, &d);
	assert_first(&d, "slow_reads");
	account_free(&a);
	segment_close(m.w);
}

static void test_a_program_that_waits_is_told_from_a_person(void **state)
{
	struct made program = make(*state, 1), person = make(*state, 2);
	struct diagnosis d;
	struct account a;

	read_slowly(&program, 100, 100000);
	program.w->header->time.waiting_client_ns = 100 * 20 * MS;
	read_slowly(&person, 100, 100000);
	person.w->header->time.waiting_client_ns = 100 * 200ull * MS;
	look(*state, &a, &d);
	assert_first(&d, "client_thinks");
	assert_int_equal(d.finding[0].saved_ns, 100 * 20 * MS);
	account_free(&a);
	segment_close(program.w);
	segment_close(person.w);
}

static void test_the_networks_part_comes_from_the_wall_clock(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_slowly(&m, 100, 100000);
	m.w->header->time.waiting_network_ns = 100 * 19 * MS;
	m.w->header->time.waiting_client_ns = 100 * MS;
	look(*state, &a, &d);
	assert_first(&d, "round_trips");
	assert_non_null(strstr(d.finding[0].evidence,
			       "19.0 ms for each of 100 requests"));
	assert_non_null(strstr(d.finding[0].evidence, "alice@192.0.2.7"));
	account_free(&a);
	segment_close(m.w);
}

static void test_waiting_for_other_clients_is_no_thinking(void **state)
{
	struct made m = make(*state, 1);
	struct latency_node *create = node_of(m.slot, CREATE, -1);
	struct latency_node *pending = slot_node_below(
		m.slot, create, LATENCY_FRAME(0, LATENCY_ROOT_PENDING));
	struct diagnosis d;
	struct account a;
	unsigned i;

	read_slowly(&m, 20, 100000);
	for (i = 0; i < 30; i++) {
		node_record(m.w, pending, 20 * MS, 0, 0);
		node_record(m.w, create, 20 * MS, 0, 0);
	}
	m.w->header->time.waiting_client_ns = 30 * 20 * MS + 50000000;
	look(*state, &a, &d);
	assert_first(&d, "other_clients");
	assert_int_equal(d.finding[0].saved_ns, 30 * 20 * MS);
	account_free(&a);
	segment_close(m.w);
}

static void test_what_was_not_counted_makes_it_doubtful(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_slowly(&m, 100, 20 * MS);
	m.w->header->unmeasured = 10;
	look(*state, &a, &d);
	assert_int_equal(d.state, DIAGNOSIS_UNTRUSTED);
	assert_non_null(strstr(d.verdict, "9.0 % of the operations"));
	account_free(&a);
	segment_close(m.w);
}

static void test_figures_have_three_digits_and_a_unit(void **state)
{
	static const struct {
		enum figure_unit unit;
		double value;
		const char *text;
	} figures[] = {
		{ FIGURE_COUNT, 0, "0" },
		{ FIGURE_COUNT, 1234567, "1,234,567" },
		{ FIGURE_NS, 0, "0 ns" },
		{ FIGURE_NS, 161.4, "161 ns" },
		{ FIGURE_NS, 12300, "12.3 us" },
		{ FIGURE_NS, 2345678, "2.35 ms" },
		{ FIGURE_NS, 71e9, "71.0 s" },
		{ FIGURE_BYTES, 4096, "4.00 KiB" },
		{ FIGURE_RATIO, 0.713, "71 %" },
		{ FIGURE_RATIO, 0.0713, "7.1 %" },
		{ FIGURE_PER_S, 1500, "1,500 a second" },
		{ FIGURE_BYTES_PER_S, 117 << 20, "117 MiB/s" },
	};
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(figures) / sizeof(figures[0]); i++) {
		struct finding f = { .figures = 0 };

		assert_string_equal(finding_figure(&f, "x", figures[i].unit,
						   figures[i].value),
				    figures[i].text);
		assert_int_equal(f.figures, 1);
	}
}

static void assert_name(const char *name, const char *shown)
{
	char to[FINDING_NAME];

	assert_string_equal(finding_name(to, sizeof(to), name), shown);
}

static void test_names_are_escaped_and_cut_at_characters(void **state)
{
	(void)state;
	assert_name("alice", "alice");
	assert_name("a\nb", "a\\x0ab");
	assert_name("abcdefghijklmnopqrstu", "abcdefghijklmnopqrstu");
	assert_name("abcdefghijklmnopqrstuv", "abcdefghijklmnopqrs..");
	assert_name("abcdefghijklmnopqr\xc3\xa4\xc3\xa4",
		    "abcdefghijklmnopqr..");
}

static void test_rows_leave_room_for_five_lines(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i < CAUSES; i++) {
		const struct cause *c = diagnosis_cause(i);

		assert_true(strlen(c->title) <= 38);
		assert_true(strlen(c->advice) <= 80);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_dir_make, test_dir_remove)
		TEST(test_nothing_is_not_enough),
		TEST(test_who_waits_for_nobody_is_idle),
		TEST(test_quick_reads_are_healthy),
		TEST(test_slow_reads_are_named_with_what_would_be_saved),
		TEST(test_many_quick_calls_do_not_hide_slow_ones),
		TEST(test_a_program_that_waits_is_told_from_a_person),
		TEST(test_the_networks_part_comes_from_the_wall_clock),
		TEST(test_waiting_for_other_clients_is_no_thinking),
		TEST(test_what_was_not_counted_makes_it_doubtful),
		cmocka_unit_test(test_figures_have_three_digits_and_a_unit),
		cmocka_unit_test(test_rows_leave_room_for_five_lines),
		cmocka_unit_test(test_names_are_escaped_and_cut_at_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
