/*
 * The calling context tree, summed over slots and segments that number their
 * ops and layers as they like.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "context_tree.h"
#include "unit.h"

#define CREATE 5u

static struct slot_writer *slot_of(struct segment_writer *w)
{
	struct slot_writer *s = slot_for(w, "share", "user", "192.0.2.1");

	assert_non_null(s);
	return s;
}

static struct latency_node *root_of(struct slot_writer *s, unsigned root)
{
	return slot_node_below(s, slot_node(s, LATENCY_NODE_TOP),
			       LATENCY_FRAME(0, root));
}

static struct context_node *tree_of(const struct test_dir *td)
{
	const struct filter all = { .pid = 0 };
	struct snapshot *s = snapshot_as_is(td);
	struct context_node *top = context_tree_new();
	unsigned i;

	assert_non_null(top);
	for (i = 0; i < s->image_count; i++) {
		assert_true(context_tree_add(top, &s->images[i], &all));
	}
	context_tree_finish(top);
	snapshot_free(s);
	return top;
}

/* The child of this name; there must be one. */
static const struct context_node *child(const struct context_node *parent,
					const char *name)
{
	const struct context_node *n;

	for (n = parent->child; n != NULL; n = n->next) {
		if (strcmp(n->name, name) == 0) {
			return n;
		}
	}
	fail_msg("no %s below %s", name, parent->name);
	return NULL;
}

static void check_node(const struct context_node *n, uint64_t count,
		       uint64_t total_ns, uint64_t self_ns)
{
	assert_int_equal(n->count, count);
	assert_int_equal(n->total_ns, total_ns);
	assert_int_equal(n->self_ns, self_ns);
}

static void test_segments_are_summed_by_name(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *a = segment_make(td, 1, 1);
	struct segment_writer *b = segment_make(td, 2, 2);
	/* Ops that the other one does not have, the same number. */
	int mkdirat = segment_op(a, "mkdirat", LATENCY_CLASS_ERRNO);
	int unlinkat = segment_op(b, "unlinkat", LATENCY_CLASS_ERRNO);
	struct slot_writer *s = slot_of(a), *t = slot_of(b);
	const struct context_node *create;
	struct context_node *top;

	assert_int_equal(mkdirat, unlinkat);
	node_record(a, node_of(s, CREATE, -1), 900, 0, 0);
	node_record(a, node_of(s, CREATE, OPENAT), 100, 0, 0);
	node_record(a, node_of(s, CREATE, mkdirat), 50, 0, 0);
	node_record(b, node_of(t, CREATE, unlinkat), 20, 0, 0);
	node_record(b, node_of(t, CREATE, OPENAT), 300, 0, 0);
	node_record(b, node_of(t, CREATE, -1), 600, 0, 0);
	top = tree_of(td);
	create = child(top, "SMB2_OP_CREATE");
	check_node(create, 2, 1500, 1030);
	check_node(child(create, "openat"), 2, 400, 400);
	check_node(child(create, "mkdirat"), 1, 50, 50);
	check_node(child(create, "unlinkat"), 1, 20, 20);
	/* The longest comes first. */
	assert_string_equal(create->child->name, "openat");
	assert_string_equal(create->child->next->name, "mkdirat");
	context_tree_free(top);
	segment_close(a);
	segment_close(b);
}

static void test_layers_are_named_where_there_are_several(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	int top_layer = segment_layer(w, "latency:top");
	struct slot_writer *s = slot_of(w);
	struct latency_node *create = node_of(s, CREATE, -1);
	struct latency_node *openat = slot_node_below(
		s, create, LATENCY_FRAME(top_layer, OPENAT));
	const struct context_node *n;
	struct context_node *top;

	node_record(w, create, 1000, 0, 0);
	node_record(w, openat, 500, 0, 0);
	node_record(w, slot_node_below(s, openat, OP_FRAME(OPENAT)), 400, 0,
		    0);
	top = tree_of(td);
	n = child(child(top, "SMB2_OP_CREATE"), "latency:top:openat");
	check_node(n, 1, 500, 100);
	assert_string_equal(n->layer, "latency:top");
	assert_string_equal(n->op, "openat");
	check_node(child(n, "latency:openat"), 1, 400, 400);
	context_tree_free(top);
	segment_close(w);
}

static void test_what_goes_on_later_is_not_part_of_a_call(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	struct slot_writer *s = slot_of(w);
	struct latency_node *create = node_of(s, CREATE, -1);
	struct latency_node *openat = node_of(s, CREATE, OPENAT);
	const uint16_t async = LATENCY_FRAME_ASYNC | OP_FRAME(PREAD);
	const struct context_node *n;
	struct context_node *top;

	node_record(w, create, 1000, 0, 0);
	node_record(w, openat, 300, 0, 0);
	node_record(w, slot_node_below(s, create, async), 200, 0, 0);
	node_record(w, slot_node_below(s, create, OP_FRAME(PREAD)), 10, 0, 0);
	node_record(w, slot_node_below(s, openat, async), 250, 0, 0);
	top = tree_of(td);
	n = child(top, "SMB2_OP_CREATE");
	/* A request waits for them, a call does not. */
	check_node(n, 1, 1000, 490);
	check_node(child(n, "pread (async)"), 1, 200, 200);
	check_node(child(n, "pread"), 1, 10, 10);
	check_node(child(n, "openat"), 1, 300, 300);
	context_tree_free(top);
	segment_close(w);
}

static void test_other_roots_are_the_calls_below_them(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	struct slot_writer *s = slot_of(w);
	struct latency_node *connect = root_of(s, LATENCY_ROOT_TREE_CONNECT);
	struct context_node *top;
	unsigned i;

	for (i = 0; i < 3; i++) {
		node_record(w, slot_node_below(s, connect, OP_FRAME(OPENAT)),
			    100, 0, 0);
	}
	node_record(w, slot_node_below(s, connect, OP_FRAME(CLOSE)), 7, 0, 0);
	node_record(w, slot_node(s, LATENCY_NODE_OVERFLOW), 5, 0, 0);
	top = tree_of(td);
	check_node(child(top, "tree connect"), 4, 307, 0);
	check_node(child(top, "(overflow)"), 1, 5, 5);
	check_node(top, 0, 0, 0);
	context_tree_free(top);
	segment_close(w);
}

static void test_a_difference_is_what_came_in_between(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	struct slot_writer *s = slot_of(w);
	struct context_node *now, *earlier;
	const struct context_node *create;

	node_record(w, node_of(s, CREATE, -1), 1000, 0, 0);
	node_record(w, node_of(s, CREATE, OPENAT), 900, 0, 0);
	earlier = tree_of(td);
	node_record(w, node_of(s, CREATE, -1), 500, 0, 0);
	node_record(w, node_of(s, CREATE, OPENAT), 100, 0, 0);
	node_record(w, node_of(s, CREATE, CLOSE), 150, 0, 0);
	now = tree_of(td);
	context_tree_subtract(now, earlier);
	create = child(now, "SMB2_OP_CREATE");
	check_node(create, 1, 500, 250);
	check_node(child(create, "openat"), 1, 100, 100);
	assert_string_equal(create->child->name, "close");
	context_tree_free(earlier);
	context_tree_free(now);
	segment_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_segments_are_summed_by_name, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_layers_are_named_where_there_are_several,
			test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_what_goes_on_later_is_not_part_of_a_call,
			test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_other_roots_are_the_calls_below_them,
			test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_a_difference_is_what_came_in_between,
			test_dir_make,
			test_dir_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
