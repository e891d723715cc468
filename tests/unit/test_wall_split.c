/*
 * How the work of a turn, and a wait, become parts of the wall clock.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "unit.h"
#include "../../modules/wall_split.h"

/* What all parts have become, in their order. */
static uint64_t sum(const struct latency_time *time)
{
	uint64_t all = 0;

#define WALL_PART(name, label, brief, doc) all += time->name##_ns;
#include "latency_wall.h"
	return all;
}

static struct latency_time turn_of(enum turn_kind kind, const struct turn *t,
				   uint64_t vfs_ns, uint64_t span)
{
	struct latency_time time = { .turns = 0 };

	split_turn(&time, kind, t, vfs_ns, span);
	assert_int_equal(sum(&time), span);
	return time;
}

static void a_request_is_received_worked_on_and_sent(void **state)
{
	const struct turn t = { .receive_ns = 10, .send_ns = 20 };
	const struct latency_time time = turn_of(TURN_REQUEST, &t, 30, 100);

	(void)state;
	assert_int_equal(time.receive_ns, 10);
	assert_int_equal(time.send_ns, 20);
	assert_int_equal(time.vfs_ns, 30);
	assert_int_equal(time.smb_ns, 40);
}

static void no_part_is_longer_than_what_is_left(void **state)
{
	const struct turn t = { .receive_ns = 60, .send_ns = 60 };
	const struct latency_time time = turn_of(TURN_REQUEST, &t, 30, 100);

	(void)state;
	assert_int_equal(time.vfs_ns, 30);
	assert_int_equal(time.receive_ns, 60);
	assert_int_equal(time.send_ns, 10);
	assert_int_equal(time.smb_ns, 0);
}

static void vfs_calls_may_be_all_of_it(void **state)
{
	const struct turn t = { .receive_ns = 5 };
	const struct latency_time time = turn_of(TURN_REQUEST, &t,
						 UINT64_MAX, 100);

	(void)state;
	assert_int_equal(time.vfs_ns, 100);
	assert_int_equal(time.receive_ns, 0);
}

static void without_a_request_all_but_vfs_calls_is_one_part(void **state)
{
	/* What an earlier turn has left does not count. */
	const struct turn t = { .receive_ns = 10, .send_ns = 20 };

	(void)state;
	assert_int_equal(turn_of(TURN_SEND, &t, 30, 100).send_ns, 70);
	assert_int_equal(turn_of(TURN_RECEIVE, &t, 30, 100).receive_ns, 70);
	assert_int_equal(turn_of(TURN_ASYNC, &t, 30, 100).smb_ns, 70);
	assert_int_equal(turn_of(TURN_OTHER, &t, 30, 100).other_ns, 70);
	assert_int_equal(turn_of(TURN_UNKNOWN, &t, 30, 100).other_ns, 70);
}

static struct latency_time wait_of(bool async, uint64_t cpu_ns, uint64_t span)
{
	struct latency_time time = { .turns = 0 };

	split_wait(&time, async, cpu_ns, 0, span);
	assert_int_equal(sum(&time), span);
	return time;
}

static void a_wait_is_for_the_client_or_for_async_ops(void **state)
{
	(void)state;
	assert_int_equal(wait_of(false, 0, 100).waiting_client_ns, 100);
	assert_int_equal(wait_of(true, 0, 100).waiting_async_ns, 100);
}

static void waiting_for_a_cpu_is_taken_off_a_wait(void **state)
{
	(void)state;
	assert_int_equal(wait_of(false, 30, 100).waiting_cpu_ns, 30);
	assert_int_equal(wait_of(false, 30, 100).waiting_client_ns, 70);
	assert_int_equal(wait_of(true, 300, 100).waiting_cpu_ns, 100);
	assert_int_equal(wait_of(true, 300, 100).waiting_async_ns, 0);
}

static void the_network_gets_a_round_trip_of_a_wait_at_most(void **state)
{
	struct latency_time time = { .turns = 0 };

	(void)state;
	assert_int_equal(split_wait(&time, false, 0, 40, 100), 40);
	assert_int_equal(time.waiting_network_ns, 40);
	assert_int_equal(time.waiting_client_ns, 60);
	/* Of what is not spent on being woken. */
	assert_int_equal(split_wait(&time, false, 70, 40, 100), 30);
	assert_int_equal(time.waiting_cpu_ns, 70);
	assert_int_equal(time.waiting_network_ns, 70);
	assert_int_equal(time.waiting_client_ns, 60);
	assert_int_equal(sum(&time), 200);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_received_worked_on_and_sent),
		cmocka_unit_test(no_part_is_longer_than_what_is_left),
		cmocka_unit_test(vfs_calls_may_be_all_of_it),
		cmocka_unit_test(
			without_a_request_all_but_vfs_calls_is_one_part),
		cmocka_unit_test(a_wait_is_for_the_client_or_for_async_ops),
		cmocka_unit_test(waiting_for_a_cpu_is_taken_off_a_wait),
		cmocka_unit_test(
			the_network_gets_a_round_trip_of_a_wait_at_most),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
