/*
 * Spoilt slots, nodes, octaves, errors and slow ops of a segment: references
 * that lead nowhere or in a circle, names without an end, impossible numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hostile.h"

static void test_slots_in_a_circle(void **state)
{
	const struct latency_slot *second =
		image_slot(&good.image, first_slot());

	spoil_u32(state, offset_of(&second->next),
		  good.image.header->first_slot, "");
}

static void test_unterminated_share(void **state)
{
	char name[sizeof(((struct latency_slot_key *)NULL)->share)];

	memset(name, 'x', sizeof(name));
	spoil_and_meet(state, offset_of(first_slot()->key.share), name,
		       sizeof(name), "name in a slot");
}

static void test_no_nodes(void **state)
{
	spoil_u32(state, offset_of(&first_slot()->nodes), 1,
		  "number of nodes");
}

static void test_too_many_nodes(void **state)
{
	spoil_u32(state, offset_of(&first_slot()->nodes),
		  LATENCY_MAX_NODES + 1, "number of nodes");
}

static void test_nodes_outside(void **state)
{
	spoil_u32(state, offset_of(&first_slot()->chunk[0]), 0x03fffff0,
		  "nodes outside");
}

static void test_node_below_itself(void **state)
{
	const struct latency_node *node = full_node();

	spoil_u16(state, offset_of(&node->parent), node->number,
		  "node without a place in the tree");
}

static void test_node_of_an_unknown_layer(void **state)
{
	spoil_u16(state, offset_of(&full_node()->frame), LATENCY_FRAME(30, 0),
		  "node without a place in the tree");
}

static void test_node_of_an_unknown_op(void **state)
{
	spoil_u16(state, offset_of(&full_node()->frame),
		  LATENCY_FRAME(1, 200), "node without a place in the tree");
}

static void test_node_of_an_unknown_root(void **state)
{
	spoil_u16(state, offset_of(&full_node()->frame),
		  LATENCY_FRAME(0, LATENCY_ROOT_END),
		  "node without a place in the tree");
}

static void test_overflow_node_below_another(void **state)
{
	spoil_u16(state, offset_of(&image_node(&good.image, first_slot(), 1)
				   ->parent), 9,
		  "node without a place in the tree");
}

static void test_overflow_node_of_an_unknown_op(void **state)
{
	spoil_u16(state, offset_of(&image_node(&good.image, first_slot(), 1)
				   ->frame), 0x7fff,
		  "node without a place in the tree");
}

static void test_top_node_of_an_unknown_op(void **state)
{
	spoil_u16(state, offset_of(&image_node(&good.image, first_slot(), 0)
				   ->frame), 0x7fff,
		  "node without a place in the tree");
}

static void test_octave_outside(void **state)
{
	unsigned which = 0;

	any_octave(full_node(), &which);
	spoil_u32(state, offset_of(&full_node()->octave[which]), 0x03ffffff,
		  "octave outside");
}

static void test_octave_in_the_middle_of_the_nodes(void **state)
{
	unsigned which = 0;

	any_octave(full_node(), &which);
	spoil_u32(state, offset_of(&full_node()->octave[which]),
		  first_slot()->chunk[0] + 5, "");
}

static void test_errors_outside(void **state)
{
	spoil_u32(state, offset_of(&full_node()->error), 0x03ffffff,
		  "errors outside");
}

static void test_errors_in_a_circle(void **state)
{
	uint32_t line = full_node()->error;
	const struct latency_errors *errors = image_at(&good.image, line);

	spoil_u32(state, offset_of(&errors->next), line, "");
}

static const struct latency_slow *slow_op(void)
{
	const struct latency_slow_ring *ring = image_at(
		&good.image, good.image.header->slow_ring);

	return &ring->entry[1];
}

static void test_slow_op_of_an_unknown_op(void **state)
{
	spoil_u16(state, offset_of(&slow_op()->frame), LATENCY_FRAME(2, 1),
		  "slow op");
}

static void test_slow_op_below_another_op(void **state)
{
	/* Folded, it would name an op of another numbering. */
	spoil_u16(state, offset_of(&slow_op()->root), OP_FRAME(OPENAT),
		  "slow op");
}

static void test_slow_op_of_no_slot(void **state)
{
	spoil_u32(state, offset_of(&slow_op()->slot), first_slot()->chunk[0],
		  "slow op");
}

static void test_slow_op_with_an_unterminated_path(void **state)
{
	char path[464];

	memset(path, 'x', sizeof(path));
	spoil_and_meet(state, offset_of(slow_op()->path), path, sizeof(path),
		       "slow op");
}

static void test_counters_that_cannot_be_are_made_whole(void **state)
{
	const struct test_dir *td = *state;
	const char *name = segment_name(PID, ID);
	unsigned char *data = malloc(good.size);
	const uint64_t many = UINT64_MAX;
	struct latency_error error;
	unsigned which = 0;
	size_t octave = (size_t)any_octave(full_node(), &which) * LATENCY_LINE;

	memcpy(data, good.data, good.size);
	memcpy(data + octave, &many, sizeof(many));
	memcpy(data + octave + 8, &many, sizeof(many));
	memcpy(data + offset_of(&full_node()->min_ns), &many, sizeof(many));
	close(plant(td, name, data, good.size));
	free(data);
	assert_int_equal(meet(td, name, &error), SEGMENT_GOOD);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, \
					test_dir_make, test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_slots_in_a_circle),
		TEST(test_unterminated_share),
		TEST(test_no_nodes),
		TEST(test_too_many_nodes),
		TEST(test_nodes_outside),
		TEST(test_node_below_itself),
		TEST(test_node_of_an_unknown_layer),
		TEST(test_node_of_an_unknown_op),
		TEST(test_node_of_an_unknown_root),
		TEST(test_overflow_node_below_another),
		TEST(test_overflow_node_of_an_unknown_op),
		TEST(test_top_node_of_an_unknown_op),
		TEST(test_octave_outside),
		TEST(test_octave_in_the_middle_of_the_nodes),
		TEST(test_errors_outside),
		TEST(test_errors_in_a_circle),
		TEST(test_slow_op_of_an_unknown_op),
		TEST(test_slow_op_below_another_op),
		TEST(test_slow_op_of_no_slot),
		TEST(test_slow_op_with_an_unterminated_path),
		TEST(test_counters_that_cannot_be_are_made_whole),
	};

	return cmocka_run_group_tests(tests, good_make, good_free);
}
