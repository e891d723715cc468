/*
 * The table of transport connections: what is open, what has ended, and what
 * becomes of both among the departed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "client_connections.h"
#include "connection_writer.h"
#include "segment_fold.h"

#define PID 77
#define ID 5

/* A process of its own, that serves one client with this many bytes sent. */
static struct segment_writer *process(const struct test_dir *td, uint32_t pid,
				      const char *client, uint64_t bytes)
{
	struct segment_writer *w = segment_make(td, pid, pid);
	struct latency_connection *c = connection_begin(w, client, 1234, 1000);
	const struct connection_figures figures = {
		.min_rtt_us = 10 + pid,
		.rtt_us = 50,
		.bytes_sent = bytes,
		.retransmits = 3,
		.busy_ns = 500,
		.receiver_limited_ns = 200,
	};

	assert_non_null(c);
	connection_sampled(c, 0x0311, &figures, 2000 + pid);
	connection_request(c, true, false);
	connection_request(c, true, true);
	connection_request(c, false, false);
	return w;
}

static void read_all(const struct test_dir *td, struct client_connections *list)
{
	const struct filter everything = { .pid = 0 };
	struct latency_error error;

	assert_true(client_connections_read(td->path, &everything, list,
					    &error));
	assert_int_equal(list->problem_count, 0);
}

static uint64_t bytes_of_all(const struct client_connections *list)
{
	uint64_t bytes = 0;
	unsigned i;

	for (i = 0; i < list->count; i++) {
		bytes += list->entry[i].c.bytes_sent;
	}
	return bytes;
}

static void test_an_open_one_is_read_as_sampled(void **state)
{
	struct segment_writer *w = process(*state, PID, "10.0.0.1", 5000);
	struct client_connections list;
	const struct latency_connection *c;

	read_all(*state, &list);
	assert_int_equal(list.count, 1);
	assert_true(list.entry[0].open);
	assert_int_equal(list.entry[0].pid, PID);
	assert_int_equal(list.entry[0].channels, 1);
	c = &list.entry[0].c;
	assert_string_equal(c->client, "10.0.0.1");
	assert_int_equal(c->port, 1234);
	assert_int_equal(c->dialect, 0x0311);
	assert_int_equal(c->known, 1);
	assert_int_equal(c->min_rtt_us, 10 + PID);
	assert_int_equal(c->rtt_us, 50);
	assert_int_equal(c->bytes_sent, 5000);
	assert_int_equal(c->retransmits, 3);
	assert_int_equal(c->requests, 3);
	assert_int_equal(c->signed_requests, 1);
	assert_int_equal(c->encrypted_requests, 1);
	client_connections_free(&list);
	segment_close(w);
}

static void test_the_least_round_trip_ever_counts(void **state)
{
	struct segment_writer *w = segment_make(*state, PID, ID);
	struct latency_connection *c = connection_begin(w, "a", 0, 1);
	struct connection_figures figures = { .min_rtt_us = 300 };

	connection_sampled(c, 0x0210, &figures, 2);
	figures.min_rtt_us = 400;
	connection_sampled(c, 0x0210, &figures, 3);
	assert_int_equal(c->min_rtt_us, 300);
	/* Not known any more: it keeps what it had. */
	connection_sampled(c, 0x0210, NULL, 4);
	assert_int_equal(c->min_rtt_us, 300);
	assert_int_equal(c->sampled_ns, 3);
	segment_close(w);
}

static void test_ended_ones_of_a_client_and_dialect_are_one(void **state)
{
	struct segment_writer *w = segment_make(*state, PID, ID);
	const struct connection_figures figures = {
		.min_rtt_us = 5, .bytes_sent = 10,
	};
	struct client_connections list;
	unsigned i;

	/* More than there is room for, if each took an entry. */
	for (i = 0; i < 3 * LATENCY_CONNECTIONS; i++) {
		struct latency_connection *c = connection_begin(
			w, "10.0.0.1", 1, 100 + i);

		assert_non_null(c);
		connection_sampled(c, i % 2 ? 0x0311 : 0x0210, &figures, 200);
		connection_end(w, c, 1000 + i);
	}
	read_all(*state, &list);
	assert_int_equal(list.count, 2);
	assert_int_equal(list.unlisted, 0);
	for (i = 0; i < list.count; i++) {
		const struct latency_connection *c = &list.entry[i].c;

		assert_false(list.entry[i].open);
		assert_int_equal(c->connections, 3 * LATENCY_CONNECTIONS / 2);
		assert_int_equal(c->known, 3 * LATENCY_CONNECTIONS / 2);
		assert_int_equal(c->bytes_sent, 30 * LATENCY_CONNECTIONS / 2);
		assert_int_equal(c->port, 0);
		assert_int_equal(c->rtt_us, 0);
		assert_int_equal(c->min_rtt_us, 5);
		assert_in_range(c->began_ns, 100, 101);
		assert_int_equal(c->ended_ns, 999 + 3 * LATENCY_CONNECTIONS -
				 (c->dialect == 0x0210));
	}
	client_connections_free(&list);
	segment_close(w);
}

static void test_what_finds_no_room_is_counted(void **state)
{
	struct segment_writer *w = segment_make(*state, PID, ID);
	struct client_connections list;
	unsigned i, begun = 0;

	for (i = 0; i < LATENCY_CONNECTIONS + 10; i++) {
		begun += connection_begin(w, "10.0.0.1", 1, 100) != NULL;
	}
	read_all(*state, &list);
	assert_int_equal(list.count, begun);
	assert_int_equal(begun + list.unlisted, LATENCY_CONNECTIONS + 10);
	assert_true(begun >= LATENCY_CONNECTIONS - 1);
	client_connections_free(&list);
	segment_close(w);
}

static void test_the_end_of_a_process_loses_nothing(void **state)
{
	struct client_connections list;
	unsigned i;

	for (i = 0; i < 3; i++) {
		segment_close(process(*state, PID + i, "10.0.0.1", 100));
		/* Folded one by one, and in between. */
		read_all(*state, &list);
		assert_int_equal(list.count, 1);
		assert_int_equal(list.entry[0].pid, 0);
		assert_false(list.entry[0].open);
		assert_int_equal(list.entry[0].c.connections, i + 1);
		assert_int_equal(list.entry[0].c.bytes_sent, 100 * (i + 1));
		assert_int_equal(list.entry[0].c.requests, 3 * (i + 1));
		assert_int_equal(list.entry[0].c.min_rtt_us, 10 + PID);
		assert_int_equal(list.entry[0].c.busy_ns, 500 * (i + 1));
		/* Nobody saw it end: when it was last seen. */
		assert_int_equal(list.entry[0].c.ended_ns, 2000 + PID + i);
		client_connections_free(&list);
	}
}

static void test_of_too_many_clients_the_sum_stays(void **state)
{
	const unsigned clients = LATENCY_CONNECTIONS + 50;
	struct client_connections list;
	char client[32];
	unsigned i, others = 0;

	for (i = 0; i < clients; i++) {
		snprintf(client, sizeof(client), "10.0.%u.%u", i / 100,
			 i % 100);
		segment_close(process(*state, PID + i, client, 1000 + i));
	}
	read_all(*state, &list);
	assert_int_equal(list.count, LATENCY_CONNECTIONS);
	assert_int_equal(list.unlisted, 0);
	assert_int_equal(bytes_of_all(&list), 1000 * (uint64_t)clients +
			 (uint64_t)clients * (clients - 1) / 2);
	for (i = 0; i < list.count; i++) {
		const struct latency_connection *c = &list.entry[i].c;

		if (strcmp(c->client, "(others)") == 0) {
			assert_int_equal(c->dialect, 0);
			assert_int_equal(c->connections, 51);
			others++;
		}
	}
	assert_int_equal(others, 1);
	client_connections_free(&list);

	/* A client that is known goes on, a new one has its own entry. */
	snprintf(client, sizeof(client), "10.0.%u.%u", (clients - 1) / 100,
		 (clients - 1) % 100);
	segment_close(process(*state, PID + clients, client, 1000000));
	read_all(*state, &list);
	assert_string_equal(list.entry[0].c.client, client);
	assert_int_equal(list.entry[0].c.connections, 2);
	client_connections_free(&list);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_dir_make, test_dir_remove)
		TEST(test_an_open_one_is_read_as_sampled),
		TEST(test_the_least_round_trip_ever_counts),
		TEST(test_ended_ones_of_a_client_and_dialect_are_one),
		TEST(test_what_finds_no_room_is_counted),
		TEST(test_the_end_of_a_process_loses_nothing),
		TEST(test_of_too_many_clients_the_sum_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
