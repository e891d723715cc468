/*
 * The diagnosis: what smbd waits for beside file operations.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "connection_writer.h"
#include "diagnosed.h"

#define GETINFO 16u

/* ------------------------------- I/O threads ----------------------------- */

static void read_async(struct made *m, unsigned calls, uint64_t queue_ns,
		       uint64_t service_ns)
{
	struct latency_node *node = node_of(m->slot, READ, PREAD);
	unsigned i;

	for (i = 0; i < calls; i++) {
		node_record(m->w, node, queue_ns + service_ns, 0, 0);
		node_record(m->w, node_of(m->slot, READ, -1),
			    queue_ns + service_ns, 0, 0);
	}
	node->async = node->service_count = calls;
	node->service_ns = calls * service_ns;
	node->service_wall_ns = calls * (queue_ns + service_ns);
}

static void test_waiting_for_a_thread_is_no_slow_read(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_async(&m, 100, 30 * MS, 10 * MS);
	/* Four were under way at a time. */
	m.w->header->time.waiting_async_ns = 1000ull * MS;
	look(*state, &a, &d);
	assert_first(&d, "io_queue");
	/* 29.5 of 40 ms, of 1 s; and for the read 10 ms less its price. */
	assert_in_range(d.finding[0].saved_ns, 730ull * MS, 740ull * MS);
	assert_in_range(finding_of(&d, "slow_reads")->saved_ns, 200ull * MS,
			260ull * MS);
	assert_non_null(strstr(d.finding[0].evidence,
			       "took 40.0 ms each: 10.0 ms in the system call, "
			       "and 30.0 ms waiting for a thread"));
	account_free(&a);
	segment_close(m.w);
}

static void test_a_thread_that_must_be_woken_is_no_queue(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_async(&m, 100, 400000, 10 * MS);
	m.w->header->time.waiting_async_ns = 1000ull * MS;
	look(*state, &a, &d);
	assert_first(&d, "slow_reads");
	assert_null(finding_of(&d, "io_queue"));
	account_free(&a);
	segment_close(m.w);
}

/* The same, as main thread and I/O thread had a CPU for a third of the time. */
static void test_a_thread_without_a_cpu_is_no_slow_disk(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_async(&m, 100, 1000, 500000);
	m.w->header->time.waiting_async_ns = 50 * MS;
	m.w->header->work.on_cpu_ns = 10 * MS;
	m.w->header->work.no_cpu_ns = 20 * MS;
	m.w->header->time.smb_ns = 30 * MS;
	look(*state, &a, &d);
	assert_null(finding_of(&d, "slow_reads"));
	m.w->header->work.no_cpu_ns = 0;
	account_free(&a);
	look(*state, &a, &d);
	assert_first(&d, "slow_reads");
	account_free(&a);
	segment_close(m.w);
}

/* --------------------------------- logons -------------------------------- */

static void log_on(struct made *m, uint64_t session_ns, uint64_t tree_ns)
{
	struct latency_node *root = slot_node_below(
		m->slot, slot_node(m->slot, LATENCY_NODE_TOP),
		LATENCY_FRAME(0, LATENCY_ROOT_TREE_CONNECT));
	const uint64_t ns[] = { tree_ns, session_ns, session_ns + tree_ns };
	unsigned i;

	for (i = 0; i < 3; i++) {
		node_record(m->w, slot_node_below(
			m->slot, root, LATENCY_FRAME(
				0, LATENCY_ROOT_LOGON_TREE + i)), ns[i], 0, 0);
	}
	/* The tree connect is in the wall clock, the rest is not. */
	m->w->header->time.smb_ns += tree_ns;
}

static void test_a_slow_logon_needs_no_requests(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	log_on(&m, 1000ull * MS, 1000ull * MS);
	look(*state, &a, &d);
	assert_first(&d, "slow_logon");
	assert_int_equal(a.clients_ns, 2000ull * MS);
	/* Less 0.1 s, and what a bucket is wide. */
	assert_in_range(d.finding[0].saved_ns, 1750ull * MS, 1900ull * MS);
	assert_non_null(strstr(d.finding[0].evidence,
			       "1.00 s until the user had proved"));
	account_free(&a);
	segment_close(m.w);
}

static void test_a_later_tree_connect_can_be_slow(void **state)
{
	struct made m = make(*state, 1);
	struct latency_node *root = slot_node_below(
		m.slot, slot_node(m.slot, LATENCY_NODE_TOP),
		LATENCY_FRAME(0, LATENCY_ROOT_TREE_CONNECT));
	struct diagnosis d;
	struct account a;

	node_record(m.w, slot_node_below(m.slot, root, LATENCY_FRAME(
		0, LATENCY_ROOT_LOGON_TREE)), 2000ull * MS, 0, 0);
	m.w->header->time.smb_ns += 2000ull * MS;
	look(*state, &a, &d);
	assert_first(&d, "slow_logon");
	account_free(&a);
	segment_close(m.w);
}

static void test_a_logon_of_a_moment_is_none(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	log_on(&m, 200ull * MS, 200ull * MS);
	look(*state, &a, &d);
	assert_int_equal(d.state, DIAGNOSIS_NOT_ENOUGH);
	account_free(&a);
	segment_close(m.w);
}

/* ------------------------------- free space ------------------------------ */

static void test_a_command_that_smbd_starts_is_seen(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;
	unsigned i;

	read_slowly(&m, 20, 100000);
	for (i = 0; i < 20; i++) {
		node_record(m.w, node_of(m.slot, GETINFO, -1), 50 * MS, 0, 0);
	}
	m.w->header->time.smb_ns += 20 * 50 * MS;
	look(*state, &a, &d);
	assert_first(&d, "slow_space");
	assert_in_range(d.finding[0].saved_ns, 900ull * MS, 1000ull * MS);
	account_free(&a);
	segment_close(m.w);
}

/* ------------------------------- protection ------------------------------ */

/* A large transfer for which smbd computes as long as it takes. */
static const char *cause_of_transfer(const struct test_dir *td, bool is_signed,
				     bool encrypted)
{
	static const struct connection_figures figures = { .min_rtt_us = 50 };
	static struct diagnosis d;
	struct made m = make(td, 1);
	struct latency_connection *c = connection_begin(m.w, "192.0.2.7", 1,
							1);
	struct account a;
	unsigned i;

	connection_sampled(c, 0x0311, &figures, 2);
	for (i = 0; i < 100; i++) {
		node_record(m.w, node_of(m.slot, READ, PREAD), 100000, 1 << 20,
			    0);
		node_record(m.w, node_of(m.slot, READ, -1), 100000, 0, 0);
		connection_request(c, is_signed, encrypted);
	}
	m.w->header->time.vfs_ns = 100 * 100000;
	m.w->header->time.send_ns = 1000ull * MS;
	m.w->header->time.cpu_user_ns = 1000ull * MS;
	look(td, &a, &d);
	account_free(&a);
	segment_close(m.w);
	test_dir_empty(td);
	return d.main == 0 ? "" : d.finding[0].cause->name;
}

static void test_what_protects_is_what_the_connections_say(void **state)
{
	assert_string_equal(cause_of_transfer(*state, false, true),
			    "encryption");
	assert_string_equal(cause_of_transfer(*state, true, false), "signing");
	assert_string_equal(cause_of_transfer(*state, false, false), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_dir_make, test_dir_remove)
		TEST(test_waiting_for_a_thread_is_no_slow_read),
		TEST(test_a_thread_that_must_be_woken_is_no_queue),
		TEST(test_a_thread_without_a_cpu_is_no_slow_disk),
		TEST(test_a_slow_logon_needs_no_requests),
		TEST(test_a_later_tree_connect_can_be_slow),
		TEST(test_a_logon_of_a_moment_is_none),
		TEST(test_a_command_that_smbd_starts_is_seen),
		TEST(test_what_protects_is_what_the_connections_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
