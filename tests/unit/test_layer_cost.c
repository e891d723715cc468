/*
 * What lies between layers: of each stack by itself.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "layer_cost.h"
#include "unit.h"

#define CREATE 5u

static struct slot_writer *slot_of(struct segment_writer *w, const char *share,
				   const char *objects)
{
	const struct slot_key key = { share, "user", "192.0.2.1", objects };
	struct slot_writer *s = segment_slot(w, &key, true);

	assert_non_null(s);
	return s;
}

/* openat above: 1000 ns, of which a lower one (0: none) took 600. */
static void open_file(struct segment_writer *w, struct slot_writer *s,
		      unsigned lower)
{
	struct latency_node *openat = node_of(s, CREATE, OPENAT);

	node_record(w, openat, 1000, 0, 0);
	if (lower != 0) {
		node_record(w, slot_node_below(s, openat,
					       LATENCY_FRAME(lower, OPENAT)),
			    600, 0, 0);
	}
}

static struct layer_costs *costs_of(const struct test_dir *td)
{
	const struct filter all = { .pid = 0 };
	struct snapshot *s = snapshot_as_is(td);
	struct layer_costs *costs = layer_costs_new();
	unsigned i;

	assert_non_null(costs);
	for (i = 0; i < s->image_count; i++) {
		assert_true(layer_costs_add(costs, &s->images[i], &all));
	}
	snapshot_free(s);
	return costs;
}

static void test_stacks_with_layers_of_the_same_name_are_apart(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	unsigned lower = (unsigned)segment_layer(w, "bottom");
	struct layer_costs *costs;
	const struct layer_cost *layer;
	unsigned i;

	for (i = 0; i < 3; i++) {
		open_file(w, slot_of(w, "projects", ":latency/"), 0);
	}
	open_file(w, slot_of(w, "archive", ":latency/acl_xattr/:bottom/"),
		  lower);
	costs = costs_of(td);
	layer_costs_finish(costs);
	assert_int_equal(costs->count, 2);

	assert_string_equal(costs->stacks[0].shares[0], "projects");
	assert_int_equal(costs->stacks[0].count, 1);
	layer = &costs->stacks[0].layers[0];
	assert_string_equal(layer->below, "");
	assert_string_equal(layer->modules, "");
	assert_int_equal(layer->self_ns, 3000);

	assert_string_equal(costs->stacks[1].shares[0], "archive");
	assert_int_equal(costs->stacks[1].count, 2);
	layer = &costs->stacks[1].layers[0];
	assert_string_equal(layer->layer, "latency");
	assert_string_equal(layer->below, "bottom");
	assert_string_equal(layer->modules, "acl_xattr");
	assert_int_equal(layer->self_ns, 400);
	assert_int_equal(layer->ops[0].count, 1);
	assert_string_equal(costs->stacks[1].layers[1].layer, "bottom");
	assert_int_equal(costs->stacks[1].layers[1].self_ns, 600);
	layer_costs_free(costs);
	segment_close(w);
}

static void test_shares_of_the_same_stack_are_added_up(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	struct layer_costs *costs;

	open_file(w, slot_of(w, "b", "catia/:latency/acl_xattr/fruit/"), 0);
	open_file(w, slot_of(w, "a", "catia/:latency/acl_xattr/fruit/"), 0);
	costs = costs_of(td);
	layer_costs_finish(costs);
	assert_int_equal(costs->count, 1);
	assert_int_equal(costs->stacks[0].share_count, 2);
	assert_string_equal(costs->stacks[0].shares[0], "a");
	assert_string_equal(costs->stacks[0].layers[0].modules,
			    "acl_xattr fruit");
	assert_int_equal(costs->stacks[0].layers[0].self_ns, 2000);
	layer_costs_free(costs);
	segment_close(w);
}

static void test_a_layer_of_unknown_objects_has_unknown_modules(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	struct layer_costs *costs;

	open_file(w, slot_of(w, "share", ""), 0);
	costs = costs_of(td);
	layer_costs_finish(costs);
	assert_int_equal(costs->stacks[0].count, 1);
	assert_false(costs->stacks[0].layers[0].known);
	assert_int_equal(costs->stacks[0].layers[0].self_ns, 1000);
	layer_costs_free(costs);
	segment_close(w);
}

static void test_a_difference_is_what_came_in_between(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	struct slot_writer *s = slot_of(w, "share", ":latency/");
	struct layer_costs *now, *earlier;
	const struct layer_cost *layer;

	open_file(w, s, 0);
	node_record(w, node_of(s, CREATE, CLOSE), 5, 0, 0);
	earlier = costs_of(td);
	open_file(w, s, 0);
	open_file(w, s, 0);
	now = costs_of(td);
	layer_costs_subtract(now, earlier);
	layer_costs_finish(now);
	layer = &now->stacks[0].layers[0];
	assert_int_equal(layer->count, 1);
	assert_string_equal(layer->ops[0].op, "openat");
	assert_int_equal(layer->ops[0].count, 2);
	assert_int_equal(layer->self_ns, 2000);
	layer_costs_free(now);
	layer_costs_free(earlier);
	segment_close(w);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_dir_make, test_dir_remove)
	const struct CMUnitTest tests[] = {
		TEST(test_stacks_with_layers_of_the_same_name_are_apart),
		TEST(test_shares_of_the_same_stack_are_added_up),
		TEST(test_a_layer_of_unknown_objects_has_unknown_modules),
		TEST(test_a_difference_is_what_came_in_between),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
