/*
 * What top reads: an interval is exact, whether processes stay or end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "top_reading.h"
#include "unit.h"

#define CREATE 5

static const struct filter all;

struct smbd {
	struct segment_writer *w;
	struct latency_node *node;
};

static struct smbd smbd_make(const struct test_dir *td, uint32_t pid)
{
	struct smbd s = { .w = segment_make(td, pid, pid) };

	s.node = node_of(slot_for(s.w, "share", "user", "client"), CREATE,
			 OPENAT);
	return s;
}

static void work(const struct smbd *s, unsigned calls)
{
	while (calls-- > 0) {
		node_record(s->w, s->node, 1000, 0, 0);
	}
}

static void take(struct top_reading *r)
{
	struct latency_error error;

	assert_true(top_reading_take(r, &error));
}

/* Calls of all rows, and how many rows there are. */
static void check(struct top_reading *r, bool total, enum dimension by,
		  unsigned calls, unsigned rows)
{
	struct table *t = top_reading_table(r, total, TABLE_OPS, BY(by), &all);
	unsigned i, sum = 0;

	assert_non_null(t);
	for (i = 0; i < table_count(t); i++) {
		sum += (unsigned)table_at(t, i)->sum.count;
	}
	assert_int_equal(sum, calls);
	assert_int_equal(table_count(t), rows);
	table_free(t);
}

static void test_intervals(void **state)
{
	const struct test_dir *td = *state;
	struct top_reading r = { .directory = td->path };
	struct smbd a = smbd_make(td, 1), b = smbd_make(td, 2);

	work(&a, 10);
	take(&r);
	assert_int_equal(top_reading_interval_ns(&r), 0);
	check(&r, false, BY_OP, 10, 1);
	take(&r);
	assert_true(top_reading_interval_ns(&r) > 0);
	check(&r, false, BY_OP, 0, 0);
	/* Twice: what was kept is that of the later one by now. */
	check(&r, false, BY_OP, 0, 0);
	work(&a, 3);
	work(&b, 4);
	take(&r);
	check(&r, false, BY_OP, 7, 1);
	work(&b, 2);
	take(&r);
	check(&r, false, BY_OP, 2, 1);
	check(&r, false, BY_PROCESS, 2, 1);
	check(&r, true, BY_PROCESS, 19, 2);
	segment_close(a.w);
	segment_close(b.w);
	top_reading_free(&r);
}

static void test_a_process_that_ends(void **state)
{
	const struct test_dir *td = *state;
	struct top_reading r = { .directory = td->path };
	struct smbd a = smbd_make(td, 1), b = smbd_make(td, 2);

	work(&a, 5);
	work(&b, 5);
	take(&r);
	take(&r);
	check(&r, false, BY_PROCESS, 0, 0);
	work(&a, 1);
	work(&b, 2);
	segment_close(b.w);
	take(&r);
	/* Not also the five of before, though they are the departed's now. */
	check(&r, false, BY_PROCESS, 3, 2);
	check(&r, true, BY_PROCESS, 13, 2);
	take(&r);
	check(&r, false, BY_PROCESS, 0, 0);
	segment_close(a.w);
	top_reading_free(&r);
}

static void test_another_filter(void **state)
{
	const struct test_dir *td = *state;
	const struct filter none = { .share = "other" };
	struct top_reading r = { .directory = td->path };
	struct smbd a = smbd_make(td, 1);
	struct table *t;

	work(&a, 5);
	take(&r);
	t = top_reading_table(&r, false, TABLE_OPS, BY(BY_OP), &none);
	assert_int_equal(table_count(t), 0);
	table_free(t);
	/* What was kept is not what this one needs. */
	take(&r);
	check(&r, false, BY_OP, 0, 0);
	/* A reading nobody looks at in between. */
	work(&a, 1);
	take(&r);
	check(&r, true, BY_OP, 6, 1);
	work(&a, 1);
	take(&r);
	check(&r, false, BY_OP, 1, 1);
	segment_close(a.w);
	top_reading_free(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_intervals, test_dir_make,
						test_dir_remove),
		cmocka_unit_test_setup_teardown(test_a_process_that_ends,
						test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(test_another_filter,
						test_dir_make, test_dir_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
