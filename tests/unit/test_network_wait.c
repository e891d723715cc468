/*
 * How much of a wait for the client is granted to the network.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"
#include "../../modules/network_wait.h"

#define ROUND_TRIP 1000			/* us */

/* A request comes so many microseconds after the reply to the one before. */
static void after(struct network_wait *n, uint64_t *now_ns, uint64_t us)
{
	*now_ns += us * 1000;
	network_requested(n, *now_ns);
	*now_ns += 5000;
	network_replied(n, *now_ns);
}

/* A client that has waited for each reply long enough to be known for it. */
static uint64_t one_at_a_time(struct network_wait *n)
{
	uint64_t now_ns = 1000000000;
	int i;

	*n = (struct network_wait){ .round_trip_us = 0 };
	network_measured(n, ROUND_TRIP);
	for (i = 0; i < NETWORK_WAIT_TURNS; i++) {
		after(n, &now_ns, ROUND_TRIP + 10);
	}
	return now_ns;
}

static void a_client_is_watched_before_it_is_granted_anything(void **state)
{
	struct network_wait n = { .round_trip_us = 0 };
	uint64_t now_ns = 1000000000;
	int i;

	(void)state;
	network_measured(&n, ROUND_TRIP);
	for (i = 1; i < NETWORK_WAIT_TURNS; i++) {
		after(&n, &now_ns, ROUND_TRIP);
		assert_int_equal(n.granted_us, 0);
	}
	after(&n, &now_ns, ROUND_TRIP);
	assert_int_equal(n.granted_us, ROUND_TRIP);
}

static void waits_use_it_up(void **state)
{
	struct network_wait n;

	(void)state;
	one_at_a_time(&n);
	network_waited(&n, 999001);
	assert_int_equal(n.granted_us, 0);
	one_at_a_time(&n);
	network_waited(&n, 300000);
	assert_int_equal(n.granted_us, 700);
	network_waited(&n, 2000000);
	assert_int_equal(n.granted_us, 0);
}

static void a_request_ends_it(void **state)
{
	struct network_wait n;
	uint64_t now_ns;

	(void)state;
	now_ns = one_at_a_time(&n);
	network_requested(&n, now_ns + ROUND_TRIP * 1000 + 1);
	assert_int_equal(n.granted_us, 0);
}

static void what_comes_sooner_was_under_way_already(void **state)
{
	struct network_wait n;
	uint64_t now_ns;
	int i;

	(void)state;
	now_ns = one_at_a_time(&n);
	after(&n, &now_ns, ROUND_TRIP / 2 - 1);
	for (i = 0; i < NETWORK_WAIT_TURNS - 1; i++) {
		assert_int_equal(n.granted_us, 0);
		after(&n, &now_ns, ROUND_TRIP);
	}
	assert_int_equal(n.granted_us, 0);
	after(&n, &now_ns, ROUND_TRIP);
	assert_int_equal(n.granted_us, ROUND_TRIP);
}

static void a_little_sooner_makes_the_round_trip_shorter(void **state)
{
	struct network_wait n;
	uint64_t now_ns;

	(void)state;
	now_ns = one_at_a_time(&n);
	after(&n, &now_ns, ROUND_TRIP - 100);
	assert_int_equal(n.granted_us, ROUND_TRIP - 100);
	/* Until it is measured again. */
	network_measured(&n, ROUND_TRIP);
	after(&n, &now_ns, ROUND_TRIP + 1);
	assert_int_equal(n.granted_us, ROUND_TRIP);
}

static void the_shortest_round_trip_ever_counts(void **state)
{
	struct network_wait n = { .round_trip_us = 0 };

	(void)state;
	network_measured(&n, 300);
	network_measured(&n, 40000);
	assert_int_equal(n.round_trip_us, 300);
	network_measured(&n, 0);
	assert_int_equal(n.round_trip_us, 0);
	network_measured(&n, 500);
	assert_int_equal(n.round_trip_us, 300);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			a_client_is_watched_before_it_is_granted_anything),
		cmocka_unit_test(waits_use_it_up),
		cmocka_unit_test(a_request_ends_it),
		cmocka_unit_test(what_comes_sooner_was_under_way_already),
		cmocka_unit_test(a_little_sooner_makes_the_round_trip_shorter),
		cmocka_unit_test(the_shortest_round_trip_ever_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
