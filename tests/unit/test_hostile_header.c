/*
 * A spoilt header of a segment: each field that a reader relies on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>
#include <unistd.h>

#include "hostile.h"

static void test_good_one_is_good(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	close(plant(td, segment_name(PID, ID), good.data, good.size));
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_GOOD);
}

static void test_wrong_magic(void **state)
{
	spoil_and_meet(state, HEADER(magic), "SMBLATCX", 8, "magic");
}

static void test_other_byte_order(void **state)
{
	spoil_u32(state, HEADER(byte_order), 0x04030201, "byte order");
}

static void test_other_major_version(void **state)
{
	spoil_u16(state, HEADER(major), LATENCY_MAJOR + 1, "version");
}

static void test_header_size_too_small(void **state)
{
	spoil_u32(state, HEADER(header_size), 64, "header size");
}

static void test_header_size_too_large(void **state)
{
	spoil_u32(state, HEADER(header_size), 0xffffffc0, "header size");
}

static void test_header_size_odd(void **state)
{
	spoil_u32(state, HEADER(header_size),
		  sizeof(struct latency_header) + 1, "header size");
}

static void test_unknown_kind(void **state)
{
	spoil_u32(state, HEADER(kind), 3, "kind");
}

static void test_too_many_ops(void **state)
{
	spoil_u32(state, HEADER(op_count), LATENCY_MAX_OPS + 1, "ops");
}

static void test_unterminated_op(void **state)
{
	spoil_and_meet(state, HEADER(op[1].name),
		       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 30, "op that");
}

static void test_unterminated_layer(void **state)
{
	char name[sizeof(((struct latency_layer *)NULL)->name)];

	memset(name, 'x', sizeof(name));
	spoil_and_meet(state, HEADER(layer[3].name), name, sizeof(name),
		       "layer name");
}

static void test_unterminated_version(void **state)
{
	spoil_and_meet(state, HEADER(module_version), "xxxxxxxxxxxxxxxx", 16,
		       "version");
}

static void test_first_slot_outside(void **state)
{
	spoil_u32(state, HEADER(first_slot), 0x03ffffff, "slot outside");
}

static void test_first_slot_inside_the_header(void **state)
{
	spoil_u32(state, HEADER(first_slot), 1, "slot outside");
}

static void test_slow_ring_outside(void **state)
{
	spoil_u32(state, HEADER(slow_ring),
		  (uint32_t)(good.size / LATENCY_LINE) - 2, "slow ops");
}

static void test_folded_ids_outside(void **state)
{
	spoil_u32(state, HEADER(folded_count), 0x20000001, "folded");
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, \
					test_dir_make, test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good_one_is_good),
		TEST(test_wrong_magic),
		TEST(test_other_byte_order),
		TEST(test_other_major_version),
		TEST(test_header_size_too_small),
		TEST(test_header_size_too_large),
		TEST(test_header_size_odd),
		TEST(test_unknown_kind),
		TEST(test_too_many_ops),
		TEST(test_unterminated_op),
		TEST(test_unterminated_layer),
		TEST(test_unterminated_version),
		TEST(test_first_slot_outside),
		TEST(test_first_slot_inside_the_header),
		TEST(test_slow_ring_outside),
		TEST(test_folded_ids_outside),
	};

	return cmocka_run_group_tests(tests, good_make, good_free);
}
