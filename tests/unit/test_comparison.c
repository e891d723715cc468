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

/* The same load: most calls as long as each other, and some far longer. */
static struct table *run(struct random *random, unsigned slow_op,
			 unsigned percent)
{
	struct table *table = table_new(TABLE_OPS, BY(BY_OP));
	unsigned op, i;

	for (op = 0; op < OPS; op++) {
		struct group *g = group_of(table, op);
		/* Some runs are slower as a whole. */
		uint64_t drift = 95 + random_next(random) % 11;

		for (i = 0; i < CALLS; i++) {
			uint64_t ns = (1000u << op) +
				random_next(random) % (200u << op);

			if (random_next(random) % 50 == 0) {
				ns += random_ns(random, 24);
			}
			ns = ns * drift / 100;
			ns = op == slow_op ? ns * percent / 100 : ns;
			g->sum.histogram[hist_bucket(ns)]++;
			g->sum.count++;
			g->sum.total_ns += ns;
			row_sum_widen(&g->sum, ns, ns);
		}
		g->self_ns = g->sum.total_ns;
	}
	return table;
}

static unsigned marks(struct random *random, unsigned slow_op, unsigned percent,
		      bool *is_first)
{
	struct table *before = run(random, OPS, 100);
	struct table *after = run(random, slow_op, percent);
	struct change *changes;
	unsigned count, i, marked = 0;
	char name[16];

	snprintf(name, sizeof(name), "op%u", slow_op);
	assert_true(comparison_make(before, after, &changes, &count));
	assert_int_equal(count, OPS);
	*is_first = strcmp(group_name(changes[0].after, BY_OP), name) == 0;
	for (i = 0; i < count; i++) {
		marked += changes[i].marked;
	}
	free(changes);
	table_free(before);
	table_free(after);
	return marked;
}

static void test_the_same_load_is_not_marked(void **state)
{
	struct random random = { 4711 };
	bool is_first;
	unsigned i;

	(void)state;
	for (i = 0; i < TRIES; i++) {
		assert_int_equal(marks(&random, OPS, 100, &is_first), 0);
	}
}

static void test_what_is_slower_is_marked(void **state)
{
	struct random random = { 815 };
	bool is_first;
	unsigned i;

	(void)state;
	for (i = 0; i < TRIES; i++) {
		assert_int_equal(marks(&random, OPS - 1, 150, &is_first), 1);
		assert_true(is_first);
		/* Faster, too. */
		assert_int_equal(marks(&random, OPS - 1, 60, &is_first), 1);
		assert_true(is_first);
	}
}

/* What is only in one of them is as much as it took. */
static void test_new_and_gone(void **state)
{
	struct table *before = table_new(TABLE_OPS, BY(BY_OP));
	struct table *after = table_new(TABLE_OPS, BY(BY_OP));
	struct change *changes;
	struct group *g;
	unsigned count;

	(void)state;
	g = group_of(before, 1);
	g->sum.count = 2;
	g->sum.total_ns = g->self_ns = 600;
	g = group_of(after, 2);
	g->sum.count = 1;
	g->sum.total_ns = g->self_ns = 500;
	assert_true(comparison_make(before, after, &changes, &count));
	assert_int_equal(count, 2);
	assert_string_equal(group_name(changes[0].after, BY_OP), "op1");
	assert_true(changes[0].change_ns > -601 &&
		    changes[0].change_ns < -599);
	assert_int_equal(changes[0].after->sum.count, 0);
	assert_true(changes[1].change_ns > 499 && changes[1].change_ns < 501);
	assert_false(changes[0].marked || changes[1].marked);
	free(changes);
	table_free(before);
	table_free(after);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_load_is_not_marked),
		cmocka_unit_test(test_what_is_slower_is_marked),
		cmocka_unit_test(test_new_and_gone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
