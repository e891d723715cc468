/*
 * What is beyond noise, and what is not.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#include "comparison.h"

#define TRIES 20
#define OPS 12
#define CALLS 400u

static struct group *group_of(struct table *table, unsigned op)
{
	char name[16];
	const char *key[DIMENSIONS];
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		key[d] = "";
	}
	snprintf(name, sizeof(name), "op%u", op);
	key[BY_OP] = name;
	return table_group(table, key);
}

/* How a run differs from others. */
struct way {
	unsigned slow_op;		/* OPS: none */
	unsigned percent;		/* how long that takes */
	unsigned drift;			/* all take so much percent longer */
	bool calm;			/* else each 5 % more, or less: 2 % */
	bool bursts;			/* once in a while calls take longer */
	bool wide;			/* half of the ops differ by 16 times */
};

static uint64_t duration(struct random *random, const struct way *way,
			 unsigned op)
{
	/* The first one takes next to nothing. */
	uint64_t base = op == 0 ? 200 : 20000 + 5000 * op;
	uint64_t ns = base + random_next(random) % (base / 5);

	if (way->wide && op % 2 != 0) {
		ns = (ns << random_next(random) % 4) +
			random_next(random) % base;
	}
	/* Some are far longer. */
	if (random_next(random) % 50 == 0) {
		ns += random_ns(random, 20);
	}
	return ns;
}

static struct table *run(struct random *random, const struct way *way)
{
	struct table *table = table_new(TABLE_OPS, BY(BY_OP));
	unsigned op, i;

	for (op = 0; op < OPS; op++) {
		struct group *g = group_of(table, op);
		uint64_t drift = 100 + way->drift + (way->calm ?
			random_next(random) % 5 - 2 :
			random_next(random) % 11 - 5);
		uint64_t burst = 100;

		for (i = 0; i < CALLS; i++) {
			uint64_t ns = duration(random, way, op);

			if (way->bursts && i % 40 == 0) {
				burst = 90 + random_next(random) % 25;
			}
			ns = ns * drift / 100 * burst / 100;
			ns = op == way->slow_op ? ns * way->percent / 100 : ns;
			g->sum.histogram[hist_bucket(ns)]++;
			g->sum.count++;
			g->sum.total_ns += ns;
			row_sum_widen(&g->sum, ns, ns);
		}
		g->self_ns = g->sum.total_ns;
	}
	return table;
}

/* How many are marked; is the slow one, and is it the first? */
static unsigned marks(struct random *random, const struct way *before_way,
		      const struct way *after_way, bool *is_marked,
		      bool *is_first)
{
	struct table *before = run(random, before_way);
	struct table *after = run(random, after_way);
	struct comparison c;
	unsigned i, marked = 0;
	char name[16];

	snprintf(name, sizeof(name), "op%u", after_way->slow_op);
	assert_true(comparison_make(before, after, &c));
	assert_int_equal(c.count, OPS);
	*is_first = strcmp(group_name(c.changes[0].after, BY_OP), name) == 0;
	*is_marked = false;
	for (i = 0; i < c.count; i++) {
		marked += c.changes[i].marked;
		*is_marked |= c.changes[i].marked &&
			strcmp(group_name(c.changes[i].after, BY_OP),
			       name) == 0;
	}
	free(c.changes);
	table_free(before);
	table_free(after);
	return marked;
}

static const struct way steady = { .slow_op = OPS };

static void test_the_same_load_is_not_marked(void **state)
{
	struct random random = { 4711 };
	bool is_marked, is_first;
	unsigned i;

	(void)state;
	for (i = 0; i < TRIES; i++) {
		assert_int_equal(marks(&random, &steady, &steady, &is_marked,
				       &is_first), 0);
	}
}

/* A machine that is busy with other things in one of the runs. */
static void test_nor_is_it_where_all_of_it_drifts(void **state)
{
	struct random random = { 4711 };
	bool is_marked, is_first;
	unsigned i;

	(void)state;
	for (i = 0; i < 10 * TRIES; i++) {
		const struct way before = {
			.slow_op = OPS, .drift = random_next(&random) % 60,
			.bursts = true, .wide = true,
		};
		const struct way after = {
			.slow_op = OPS, .drift = random_next(&random) % 60,
			.bursts = true, .wide = true,
		};

		assert_int_equal(marks(&random, &before, &after, &is_marked,
				       &is_first), 0);
	}
}

/* Fails unless the last op, which takes most, is first, and alone marked. */
static void check_marked(const struct way *before, const struct way *after)
{
	struct random random = { 815 };
	bool is_marked, is_first;
	unsigned i;

	for (i = 0; i < TRIES; i++) {
		assert_int_equal(marks(&random, before, after, &is_marked,
				       &is_first), 1);
		assert_true(is_marked);
		assert_true(is_first);
	}
}

static void test_what_is_slower_is_marked(void **state)
{
	static const unsigned percent[] = { 30, 60, 150, 300 };
	unsigned i;

	(void)state;
	for (i = 0; i < sizeof(percent) / sizeof(percent[0]); i++) {
		const struct way after = {
			.slow_op = OPS - 1, .percent = percent[i],
		};

		check_marked(&steady, &after);
	}
}

/* A fifth is enough where little else changes. */
static void test_a_fifth_is_marked_on_a_calm_machine(void **state)
{
	const struct way before = { .slow_op = OPS, .calm = true };
	const struct way slower = {
		.slow_op = OPS - 1, .percent = 120, .calm = true,
	};
	const struct way quicker = {
		.slow_op = OPS - 1, .percent = 80, .calm = true,
	};

	(void)state;
	check_marked(&before, &slower);
	check_marked(&before, &quicker);
}

/* An op that is slower by more than all are. */
static void test_so_it_is_where_all_of_it_drifts(void **state)
{
	const struct way after = {
		.slow_op = OPS - 1, .percent = 140, .drift = 20,
	};

	(void)state;
	check_marked(&steady, &after);
}

/* A fifth or two is not enough for calls that are of any duration anyway. */
static void test_what_varies_must_be_far_longer(void **state)
{
	const struct way before = { .slow_op = OPS, .wide = true };
	const struct way longest = {
		.slow_op = OPS - 1, .percent = 500, .wide = true,
	};
	const struct way longer = {
		.slow_op = OPS - 1, .percent = 130, .wide = true,
	};
	struct random random = { 815 };
	bool is_marked, is_first;
	unsigned i;

	(void)state;
	check_marked(&before, &longest);
	for (i = 0; i < TRIES; i++) {
		marks(&random, &before, &longer, &is_marked, &is_first);
		assert_false(is_marked);
	}
}

/* An op that takes a thousandth of what others do. */
static void test_what_takes_next_to_nothing_is_not_marked(void **state)
{
	const struct way after = { .slow_op = 0, .percent = 300 };
	struct random random = { 815 };
	bool is_marked, is_first;

	(void)state;
	assert_int_equal(marks(&random, &steady, &after, &is_marked,
			       &is_first), 0);
}

/* What most rows have become is told. */
static void test_the_median_of_all_rows(void **state)
{
	const struct way slower = { .slow_op = OPS, .drift = 50 };
	struct random random = { 4711 };
	struct table *before = run(&random, &steady);
	struct table *after = run(&random, &slower);
	struct comparison c;

	(void)state;
	assert_true(comparison_make(before, after, &c));
	assert_true(c.median_ratio > 1.4 && c.median_ratio < 1.6);
	free(c.changes);
	assert_true(comparison_make(after, before, &c));
	assert_true(c.median_ratio > 1 / 1.6 && c.median_ratio < 1 / 1.4);
	free(c.changes);
	table_free(before);
	table_free(after);
}

/* Where there is but one row there are no others to have drifted. */
static void test_a_row_that_is_alone(void **state)
{
	struct table *before = table_new(TABLE_OPS, BY(BY_OP));
	struct table *after = table_new(TABLE_OPS, BY(BY_OP));
	struct comparison c;
	unsigned i;

	(void)state;
	for (i = 0; i < 2; i++) {
		struct group *g = group_of(i == 0 ? before : after, 1);

		g->sum.count = 100;
		g->sum.total_ns = g->self_ns = i == 0 ? 100000 : 150000;
		g->sum.histogram[hist_bucket(g->self_ns / 100)] = 100;
	}
	assert_true(comparison_make(before, after, &c));
	assert_int_equal(c.count, 1);
	assert_true(c.changes[0].marked);
	assert_true(c.median_ratio <= 0);
	free(c.changes);
	table_free(before);
	table_free(after);
}

/* What is only in one of them is as much as it took. */
static void test_new_and_gone(void **state)
{
	struct table *before = table_new(TABLE_OPS, BY(BY_OP));
	struct table *after = table_new(TABLE_OPS, BY(BY_OP));
	struct comparison c;
	struct group *g;

	(void)state;
	g = group_of(before, 1);
	g->sum.count = 2;
	g->sum.total_ns = g->self_ns = 600;
	g = group_of(after, 2);
	g->sum.count = 1;
	g->sum.total_ns = g->self_ns = 500;
	assert_true(comparison_make(before, after, &c));
	assert_int_equal(c.count, 2);
	assert_string_equal(group_name(c.changes[0].after, BY_OP), "op1");
	assert_true(c.changes[0].change_ns > -601 &&
		    c.changes[0].change_ns < -599);
	assert_int_equal(c.changes[0].after->sum.count, 0);
	assert_true(c.changes[1].change_ns > 499 &&
		    c.changes[1].change_ns < 501);
	assert_false(c.changes[0].marked || c.changes[1].marked);
	free(c.changes);
	table_free(before);
	table_free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_load_is_not_marked),
		cmocka_unit_test(test_nor_is_it_where_all_of_it_drifts),
		cmocka_unit_test(test_what_is_slower_is_marked),
		cmocka_unit_test(test_a_fifth_is_marked_on_a_calm_machine),
		cmocka_unit_test(test_so_it_is_where_all_of_it_drifts),
		cmocka_unit_test(test_what_varies_must_be_far_longer),
		cmocka_unit_test(
			test_what_takes_next_to_nothing_is_not_marked),
		cmocka_unit_test(test_the_median_of_all_rows),
		cmocka_unit_test(test_a_row_that_is_alone),
		cmocka_unit_test(test_new_and_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
