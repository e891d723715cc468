/*
 * Tables: which rows of a snapshot they are made of, how these are summed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "table_add.h"
#include "unit.h"

#define CREATE 5u
#define WRITE 9u
#define MANY 500u		/* groups: the index grows several times */

/* alice creates a file, bob creates another and writes to it in vain. */
static struct snapshot *two_processes(const struct test_dir *td)
{
	struct segment_writer *a = segment_make(td, 100, 1);
	struct segment_writer *b = segment_make(td, 200, 2);
	struct slot_writer *alice = slot_for(a, "Data", "alice",
						 "192.0.2.1");
	struct slot_writer *bob = slot_for(b, "Data", "bob", "192.0.2.2");
	struct latency_node *openat = node_of(alice, CREATE, OPENAT);
	struct snapshot *s;

	node_record(a, node_of(alice, CREATE, -1), 10000, 0, 0);
	node_record(a, openat, 4000, 0, 0);
	node_record(a, slot_node_below(alice, openat, OP_FRAME(PREAD)), 1500,
		    0, 0);
	/* It goes on after openat has returned. */
	node_record(a, slot_node_below(alice, openat, LATENCY_FRAME_ASYNC |
				       OP_FRAME(PWRITE)), 900, 0, 0);
	node_record(b, node_of(bob, CREATE, -1), 7000, 0, 0);
	node_record(b, node_of(bob, CREATE, OPENAT), 2000, 0, 0);
	node_record(b, node_of(bob, WRITE, -1), 5000, 0, 0xc000007f);
	node_record(b, node_of(bob, WRITE, PWRITE), 3000, 10, ENOSPC);
	s = snapshot_as_is(td);
	assert_int_equal(s->image_count, 2);
	segment_close(a);
	segment_close(b);
	return s;
}

/* The group in which this dimension has this value; there must be one. */
static const struct group *group_of(const struct table *table,
				    enum dimension dimension,
				    const char *value)
{
	const struct group *found = NULL;
	unsigned i;

	for (i = 0; i < table_count(table); i++) {
		if (strcmp(group_name(table_at(table, i), dimension),
			   value) == 0) {
			assert_null(found);
			found = table_at(table, i);
		}
	}
	assert_non_null(found);
	return found;
}

static void check_group(const struct table *table, enum dimension dimension,
			const char *value, uint64_t count, uint64_t total_ns,
			uint64_t self_ns)
{
	const struct group *g = group_of(table, dimension, value);

	check_consistent(&g->sum);
	assert_int_equal(g->sum.count, count);
	assert_int_equal(g->sum.total_ns, total_ns);
	assert_int_equal(g->self_ns, self_ns);
}

static void test_ops_are_all_that_layers_did(void **state)
{
	struct snapshot *s = two_processes(*state);
	struct table *table = table_of(s, TABLE_OPS, BY(BY_OP));

	assert_int_equal(table_count(table), 3);
	check_group(table, BY_OP, "openat", 2, 6000, 4500);
	check_group(table, BY_OP, "pread", 1, 1500, 1500);
	check_group(table, BY_OP, "pwrite", 2, 3900, 3900);
	assert_int_equal(group_of(table, BY_OP, "pwrite")->sum.errors, 1);
	assert_int_equal(group_of(table, BY_OP, "pwrite")->sum.bytes, 10);
	assert_string_equal(group_name(group_of(table, BY_OP, "pread"),
				       BY_USER), "");
	table_free(table);
	snapshot_free(s);
}

static void test_requests_are_what_clients_asked(void **state)
{
	struct snapshot *s = two_processes(*state);
	struct table *table = table_of(s, TABLE_REQUESTS, BY(BY_REQUEST));

	assert_int_equal(table_count(table), 2);
	check_group(table, BY_REQUEST, "SMB2_OP_CREATE", 2, 17000, 11000);
	check_group(table, BY_REQUEST, "SMB2_OP_WRITE", 1, 5000, 2000);
	table_free(table);
	snapshot_free(s);
}

static void test_each_dimension_tells_rows_apart(void **state)
{
	const struct {
		enum dimension dimension;
		const char *value;
		unsigned groups;
		uint64_t count;
	} expected[] = {
		{ BY_SHARE, "Data", 1, 5 }, { BY_USER, "alice", 2, 3 },
		{ BY_CLIENT, "192.0.2.2", 2, 2 }, { BY_PROCESS, "200", 2, 2 },
		{ BY_LAYER, "latency", 1, 5 }, { BY_OP, "openat", 3, 2 },
		{ BY_REQUEST, "SMB2_OP_WRITE", 2, 1 },
	};
	struct snapshot *s = two_processes(*state);
	unsigned i;

	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		struct table *table = table_of(s, TABLE_OPS,
					       BY(expected[i].dimension));

		assert_int_equal(table_count(table), expected[i].groups);
		assert_int_equal(group_of(table, expected[i].dimension,
					  expected[i].value)->sum.count,
				 expected[i].count);
		table_free(table);
	}
	snapshot_free(s);
}

static uint64_t calls_of(const struct snapshot *s, const struct filter *filter)
{
	struct table *table = table_new(TABLE_OPS, 0);
	uint64_t calls;
	unsigned i;

	assert_non_null(table);
	for (i = 0; i < s->image_count; i++) {
		assert_true(table_add(table, &s->images[i], filter));
	}
	calls = table_count(table) == 0 ? 0 : table_at(table, 0)->sum.count;
	table_free(table);
	return calls;
}

static void test_a_filter_leaves_the_rest_out(void **state)
{
	const struct {
		struct filter filter;
		uint64_t calls;
	} expected[] = {
		{ { .share = "DATA" }, 5 },	/* no case, as in SMB */
		{ { .share = "Dat" }, 0 },
		{ { .user = "bob" }, 2 },
		{ { .user = "Bob" }, 2 },	/* nor here, see filter.h */
		{ { .client = "192.0.2.1" }, 3 },
		{ { .pid = 100 }, 3 },
		{ { .pid = 300 }, 0 },
		{ { .user = "bob", .pid = 100 }, 0 },
	};
	struct snapshot *s = two_processes(*state);
	unsigned i;

	for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
		assert_int_equal(calls_of(s, &expected[i].filter),
				 expected[i].calls);
	}
	snapshot_free(s);
}

static void test_regrouping_is_adding_by_fewer_dimensions(void **state)
{
	struct snapshot *s = two_processes(*state);
	struct table *all = table_of(s, TABLE_OPS, BY(DIMENSIONS) - 1);
	struct table *fewer = table_regroup(all, BY(BY_USER));

	assert_non_null(fewer);
	assert_int_equal(table_count(fewer), 2);
	check_group(fewer, BY_USER, "alice", 3, 6400, 4900);
	check_group(fewer, BY_USER, "bob", 2, 5000, 5000);
	assert_string_equal(group_name(table_at(fewer, 0), BY_OP), "");
	table_free(fewer);
	table_free(all);
	snapshot_free(s);
}

/*
 * CREATE > openat, handed on by a lower layer, where the module between calls
 * pread as well; and close, which both layers only count.
 */
static struct snapshot *two_layers(const struct test_dir *td)
{
	struct segment_writer *w = segment_make(td, 100, 1);
	unsigned lower = (unsigned)segment_layer(w, "lower");
	struct slot_writer *s = slot_for(w, "Data", "alice", "192.0.2.1");
	struct latency_node *create = node_of(s, CREATE, -1);
	struct latency_node *openat = node_of(s, CREATE, OPENAT);
	struct snapshot *snapshot;

	node_record(w, create, 10000, 0, 0);
	node_record(w, openat, 4000, 0, ENOENT);
	node_record(w, slot_node_below(s, openat,
				       LATENCY_FRAME(lower, OPENAT)), 3000, 0,
		    ENOENT);
	node_record(w, slot_node_below(s, openat, LATENCY_FRAME(lower, PREAD)),
		    500, 0, 0);
	node_of(s, CREATE, CLOSE)->untimed = 3;
	slot_node_below(s, create, LATENCY_FRAME(lower, CLOSE))->untimed = 4;
	snapshot = snapshot_as_is(td);
	segment_close(w);
	return snapshot;
}

static void test_an_op_is_what_its_caller_saw(void **state)
{
	struct snapshot *s = two_layers(*state);
	const unsigned by[] = { BY(BY_OP), BY(BY_OP) | BY(BY_REQUEST),
				BY(BY_OP) | BY(BY_SHARE) | BY(BY_PROCESS) };
	unsigned i;

	for (i = 0; i < sizeof(by) / sizeof(by[0]); i++) {
		struct table *table = table_of(s, TABLE_OPS, by[i]);

		assert_int_equal(table_count(table), 3);
		/* All that it took but for pread, which it did not hand on. */
		check_group(table, BY_OP, "openat", 1, 4000, 3500);
		check_group(table, BY_OP, "pread", 1, 500, 500);
		assert_int_equal(group_of(table, BY_OP, "openat")->sum.errors,
				 1);
		table_free(table);
	}
	snapshot_free(s);
}

static void test_an_exempt_op_counts_once_for_all_layers(void **state)
{
	struct snapshot *s = two_layers(*state);
	struct table *table = table_of(s, TABLE_OPS, BY(BY_OP));

	/* Three were handed on; one the module between made by itself. */
	assert_int_equal(group_of(table, BY_OP, "close")->sum.untimed, 4);
	table_free(table);
	snapshot_free(s);
}

static void test_by_layer_an_op_counts_in_each(void **state)
{
	struct snapshot *s = two_layers(*state);
	struct table *table = table_of(s, TABLE_OPS, BY(BY_LAYER));

	assert_int_equal(table_count(table), 2);
	check_group(table, BY_LAYER, "latency", 1, 4000, 500);
	check_group(table, BY_LAYER, "lower", 2, 3500, 3500);
	assert_int_equal(group_of(table, BY_LAYER, "latency")->sum.untimed, 3);
	assert_int_equal(group_of(table, BY_LAYER, "lower")->sum.untimed, 4);
	table_free(table);
	snapshot_free(s);
}

/* The group of number n, of all dimensions. */
static struct group *numbered(struct table *table, unsigned n)
{
	char names[DIMENSIONS][16];
	const char *key[DIMENSIONS];
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		snprintf(names[d], sizeof(names[d]), "%u", n >> d);
		key[d] = names[d];
	}
	return table_group(table, key);
}

/* n groups, of which number i has had i + more calls of a microsecond. */
static struct table *numbered_groups(unsigned n, unsigned more)
{
	struct table *table = table_new(TABLE_OPS, BY(DIMENSIONS) - 1);
	unsigned i;

	assert_non_null(table);
	for (i = 0; i < n; i++) {
		struct group *g = numbered(table, i);

		assert_non_null(g);
		g->sum.count = g->sum.histogram[hist_bucket(1000)] = i + more;
		g->sum.total_ns = g->self_ns = 1000 * g->sum.count;
		row_sum_widen(&g->sum, 1000, 1000);
	}
	return table;
}

static void test_a_group_is_found_again(void **state)
{
	struct table *table = numbered_groups(MANY, 1);
	unsigned i;

	(void)state;
	for (i = 0; i < MANY; i++) {
		assert_int_equal(numbered(table, i)->sum.count, i + 1);
	}
	assert_int_equal(table_count(table), MANY);
	table_sort(table);
	for (i = 0; i < MANY; i++) {
		assert_int_equal(numbered(table, i)->sum.count, i + 1);
	}
	assert_int_equal(table_count(table), MANY);
	table_free(table);
}

static void test_a_difference_has_only_what_happened(void **state)
{
	struct table *table = numbered_groups(MANY, 1);
	struct table *earlier = numbered_groups(MANY / 2, 1);
	unsigned i;

	(void)state;
	numbered(earlier, 7)->sum.count--;
	numbered(earlier, 7)->sum.histogram[hist_bucket(1000)]--;
	table_subtract(table, earlier);
	assert_int_equal(table_count(table), MANY - MANY / 2 + 1);
	assert_int_equal(numbered(table, 7)->sum.count, 1);
	for (i = MANY / 2; i < MANY; i++) {
		assert_int_equal(numbered(table, i)->sum.count, i + 1);
		check_consistent(&numbered(table, i)->sum);
	}
	/* None of them was made anew. */
	assert_int_equal(table_count(table), MANY - MANY / 2 + 1);
	table_free(earlier);
	table_free(table);
}

static void test_the_longest_come_first(void **state)
{
	struct table *table = numbered_groups(MANY, 1);
	unsigned i;

	(void)state;
	/* Of as long as that: by key. */
	numbered(table, 3)->sum.total_ns = numbered(table, 14)->sum.total_ns;
	table_sort(table);
	for (i = 1; i < MANY; i++) {
		const struct group *a = table_at(table, i - 1);
		const struct group *b = table_at(table, i);

		assert_true(a->sum.total_ns > b->sum.total_ns ||
			    (a->sum.total_ns == b->sum.total_ns &&
			     strcmp(group_name(a, 0), group_name(b, 0)) < 0));
	}
	table_free(table);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_ops_are_all_that_layers_did, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_requests_are_what_clients_asked, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_each_dimension_tells_rows_apart, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_a_filter_leaves_the_rest_out, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_regrouping_is_adding_by_fewer_dimensions,
			test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_an_op_is_what_its_caller_saw, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_an_exempt_op_counts_once_for_all_layers,
			test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_by_layer_an_op_counts_in_each, test_dir_make,
			test_dir_remove),
		cmocka_unit_test(test_a_group_is_found_again),
		cmocka_unit_test(test_a_difference_has_only_what_happened),
		cmocka_unit_test(test_the_longest_come_first),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
