/*
 * The diagnosis: lost segments, and transfers that wait for something else.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "connection_writer.h"
#include "diagnosed.h"

/* Reads of so many bytes, and what the kernel knows of their connection. */
static void read_lossy(struct made *m, unsigned calls, uint64_t bytes,
		       const struct connection_figures *figures)
{
	struct latency_connection *c = connection_begin(m->w, "192.0.2.7", 1,
							1);
	unsigned i;

	read_slowly(m, calls, 100000);
	node_of(m->slot, READ, PREAD)->bytes += calls * bytes;
	connection_sampled(c, 0x0311, figures, 2);
	for (i = 0; i < calls; i++) {
		connection_request(c, false, false);
	}
}

static void test_lost_segments_are_told_from_thinking(void **state)
{
	static const struct connection_figures figures = {
		.min_rtt_us = 2000, .rtt_us = 3000, .segments_sent = 100,
		.retransmits = 7, .duplicates = 2,
	};
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_lossy(&m, 100, 30000, &figures);
	m.w->header->time.waiting_network_ns = 100 * 2 * MS;
	m.w->header->time.waiting_client_ns = 3000ull * MS;
	look(*state, &a, &d);
	assert_first(&d, "packet_loss");
	/* 5 of smbd's, and as many of the client's, for 202 ms each. */
	assert_int_equal(d.finding[0].saved_ns, 2020ull * MS);
	assert_non_null(strstr(d.finding[0].evidence, "5.0 % of the segments"));
	/* What is left is the client's, or because of small reads. */
	assert_in_range(finding_of(&d, "client_thinks")->saved_ns, 800ull * MS,
			980ull * MS);
	account_free(&a);
	segment_close(m.w);
}

static void assert_no_loss(const struct test_dir *td, struct made *m,
			   const char *cause)
{
	struct diagnosis d;
	struct account a;

	look(td, &a, &d);
	assert_null(finding_of(&d, "packet_loss"));
	if (cause != NULL) {
		assert_first(&d, cause);
	} else {
		assert_int_equal(d.main, 0);
	}
	account_free(&a);
	segment_close(m->w);
}

static void test_what_was_sent_again_in_vain_is_not_lost(void **state)
{
	static const struct connection_figures figures = {
		.min_rtt_us = 2000, .rtt_us = 3000, .segments_sent = 100,
		.retransmits = 7, .duplicates = 7,
	};
	struct made m = make(*state, 1);

	read_lossy(&m, 100, 30000, &figures);
	m.w->header->time.waiting_network_ns = 100 * 2 * MS;
	m.w->header->time.waiting_client_ns = 3000ull * MS;
	assert_no_loss(*state, &m, "client_thinks");
}

static void test_nobody_waits_for_what_is_lost_while_a_person_reads(
	void **state)
{
	static const struct connection_figures figures = {
		.min_rtt_us = 2000, .rtt_us = 3000, .segments_sent = 100,
		.retransmits = 7,
	};
	struct made m = make(*state, 1);

	read_lossy(&m, 100, 30000, &figures);
	m.w->header->time.waiting_network_ns = 100 * MS;
	m.w->header->time.waiting_client_ns = 100 * 1000ull * MS;
	assert_no_loss(*state, &m, NULL);
}

/* 100 MiB in 10 s over 10 ms: 72,000 segments, of which 0.05 % were lost. */
static const struct connection_figures transfer = {
	.min_rtt_us = 10000, .rtt_us = 11000, .segments_sent = 72000,
	.retransmits = 36, .busy_ns = 10000ull * MS,
};

static void test_a_transfer_that_losses_slow_down(void **state)
{
	struct made m = make(*state, 1);
	struct diagnosis d;
	struct account a;

	read_lossy(&m, 100, 1 << 20, &transfer);
	m.w->header->time.waiting_client_ns = 10000ull * MS;
	look(*state, &a, &d);
	assert_first(&d, "packet_loss");
	/* 10 ms * sqrt(72000 * 36 / 1.5) = 13.1 s: all of it. */
	assert_int_equal(d.finding[0].saved_ns, 10000ull * MS);
	assert_null(finding_of(&d, "supply"));
	account_free(&a);
	segment_close(m.w);
}

static void test_a_queue_says_that_the_line_is_narrow(void **state)
{
	struct connection_figures figures = transfer;
	struct made m = make(*state, 1);

	figures.rtt_us = 60000;
	read_lossy(&m, 100, 1 << 20, &figures);
	m.w->header->time.waiting_client_ns = 10000ull * MS;
	assert_no_loss(*state, &m, "supply");
}

static void test_losses_that_do_not_slow_down(void **state)
{
	struct connection_figures figures = transfer;
	struct made m = make(*state, 1);

	/* As BBR sends: 100 times as many would allow a tenth of the rate. */
	figures.retransmits *= 100;
	read_lossy(&m, 100, 1 << 20, &figures);
	m.w->header->time.waiting_client_ns = 10000ull * MS;
	assert_no_loss(*state, &m, "supply");
}

/* 1 MiB a request, so each takes longer than a person would wait. */
static void test_a_slow_upload_is_no_person(void **state)
{
	static const struct connection_figures figures = {
		.min_rtt_us = 1000, .rtt_us = 1000, .bytes_received = 100 << 20,
	};
	struct made m = make(*state, 1);

	read_lossy(&m, 100, 1 << 20, &figures);
	m.w->header->time.waiting_client_ns = 20000ull * MS;
	assert_no_loss(*state, &m, "supply");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_dir_make, test_dir_remove)
		TEST(test_lost_segments_are_told_from_thinking),
		TEST(test_what_was_sent_again_in_vain_is_not_lost),
		TEST(test_nobody_waits_for_what_is_lost_while_a_person_reads),
		TEST(test_a_transfer_that_losses_slow_down),
		TEST(test_a_queue_says_that_the_line_is_narrow),
		TEST(test_losses_that_do_not_slow_down),
		TEST(test_a_slow_upload_is_no_person),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
