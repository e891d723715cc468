/*
 * The trace: the ring as it is written and read, whatever is in it, and how
 * events become groups.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "node_writer.h"
#include "segment_dir.h"
#include "time_ns.h"
#include "trace_drain.h"
#include "trace_filter.h"
#include "trace_group.h"
#include "trace_ring.h"
#include "trace_writer.h"

#define PID 77
#define ID 5

static struct segment_writer *w;
static int fd;
static struct trace_ring ring;

/* What the visitors have seen. */
static uint64_t seen, lost_events, last_number;
static char last_path[TRACE_PATH];

static void on_event(const struct latency_event *event, const char *path,
		     void *private_data)
{
	(void)private_data;
	seen++;
	last_number = event->number;
	strcpy(last_path, path);
}

static void on_loss(uint64_t events, void *private_data)
{
	(void)private_data;
	lost_events += events;
}

static void make(void **state)
{
	struct latency_error error;
	const struct test_dir *td = *state;

	test_dir_empty(td);
	w = segment_make(td, PID, ID);
	assert_true(trace_claim(w));
	fd = segment_open(td->fd, segment_name(PID, ID), O_RDONLY, &error);
	assert_int_not_equal(fd, -1);
	assert_true(trace_ring_open(&ring, fd, w->header->trace, true,
				    &error));
	seen = lost_events = last_number = 0;
}

static void unmake(void)
{
	trace_ring_close(&ring);
	close(fd);
	segment_close(w);
}

static bool read_on(struct latency_error *error)
{
	return trace_ring_read(&ring, on_event, on_loss, NULL, error);
}

static void write_ops(unsigned count)
{
	const struct latency_event e = { .kind = LATENCY_EVENT_OP };

	while (count-- != 0) {
		trace_op(w->trace, &e);
	}
}

static void write_request(const char *path)
{
	const struct latency_event e = { .kind = LATENCY_EVENT_REQUEST };

	trace_request(w->trace, &e, path);
}

/* --------------------------------- the ring ------------------------------ */

static void test_events_are_read_once_and_in_order(void **state)
{
	struct latency_error error;

	make(state);
	assert_true(read_on(&error));
	assert_int_equal(seen, 0);
	write_ops(3);
	assert_true(read_on(&error));
	assert_int_equal(seen, 3);
	assert_true(read_on(&error));
	write_ops(1);
	assert_true(read_on(&error));
	assert_int_equal(seen, 4);
	assert_int_equal(last_number, 4);
	assert_int_equal(lost_events, 0);
	unmake();
}

static void test_paths_of_all_lengths(void **state)
{
	const unsigned max = LATENCY_TRACE_PIECES * LATENCY_TRACE_PIECE;
	struct latency_error error;
	char path[600];
	unsigned length;

	make(state);
	for (length = 0; length < sizeof(path) - 1; length += 21) {
		memset(path, 'a', sizeof(path));
		path[length] = '\0';
		write_request(path);
		assert_true(read_on(&error));
		assert_int_equal(strlen(last_path),
				 length < max ? length : max);
		assert_memory_equal(last_path, path, strlen(last_path));
	}
	assert_int_equal(lost_events, 0);
	unmake();
}

/* With and without paths, so that the oldest cell may be a piece of one. */
static void test_what_is_overwritten_is_counted(void **state)
{
	const unsigned sets[] = { 1, 1000, LATENCY_TRACE_CELLS - 1,
				  LATENCY_TRACE_CELLS, LATENCY_TRACE_CELLS + 1,
				  3 * LATENCY_TRACE_CELLS + 7 };
	struct latency_error error;
	uint64_t written = 0;
	unsigned i, j;

	make(state);
	for (i = 0; i < sizeof(sets) / sizeof(sets[0]); i++) {
		for (j = 0; j < sets[i]; j++) {
			if (j % 5 == 0) {
				write_request("a path that takes two cells: "
					      "more than the sixty-three bytes "
					      "that fit in one of them");
			} else {
				write_ops(1);
			}
		}
		written += sets[i];
		assert_true(read_on(&error));
		assert_int_equal(seen + lost_events, written);
		assert_int_equal(last_number, written);
	}
	assert_true(lost_events > 0);
	unmake();
}

/* A cell that is claimed but not yet written is not read. */
static void test_what_is_being_written_is_left_out(void **state)
{
	struct latency_error error;

	make(state);
	write_ops(LATENCY_TRACE_CELLS);
	/* Its writer stands in the middle of the next event. */
	w->trace->claimed += 1;
	memset(&w->trace->cell[0], 0xff, sizeof(w->trace->cell[0]));
	assert_true(read_on(&error));
	assert_int_equal(seen, LATENCY_TRACE_CELLS - 1);
	assert_int_equal(lost_events, 1);
	unmake();
}

static void test_a_later_reader_gets_what_comes(void **state)
{
	struct latency_error error;

	make(state);
	write_ops(5);
	trace_ring_close(&ring);
	assert_true(trace_ring_open(&ring, fd, w->header->trace, false,
				    &error));
	write_ops(2);
	assert_true(read_on(&error));
	assert_int_equal(seen, 2);
	assert_int_equal(lost_events, 0);
	assert_int_equal(last_number, 7);
	unmake();
}

/* What ends while it is off is known when it is on again. */
static void test_what_was_not_traced_is_counted(void **state)
{
	const struct slot_key key = { "share", "user", "client", "latency" };
	struct latency_error error;
	struct latency_node *node;
	struct slot_writer *slot;

	make(state);
	slot = segment_slot(w, &key, true);
	node = slot_node_below(slot, slot_node(slot, LATENCY_NODE_TOP),
			       LATENCY_FRAME(0, 5));
	node_record(w, node, 1000, 0, 0);
	trace_switch(w, true);
	assert_int_equal(w->trace->untraced, 0);
	write_ops(1);
	assert_true(read_on(&error));
	trace_switch(w, false);
	node_record(w, node, 1000, 0, 0);
	node_record(w, node, 1000, 0, 0);
	/* A part of one of them. */
	node = slot_node_below(slot, node,
			       LATENCY_FRAME(0, LATENCY_ROOT_PENDING));
	node_record(w, node, 1000, 0, 0);
	trace_switch(w, true);
	write_ops(1);
	assert_true(read_on(&error));
	assert_int_equal(seen, 2);
	assert_int_equal(lost_events, 2);
	assert_true(read_on(&error));
	assert_int_equal(lost_events, 2);

	/* It is nothing that a later reader has lost. */
	trace_ring_close(&ring);
	trace_switch(w, false);
	assert_true(trace_ring_open(&ring, fd, w->header->trace, false,
				    &error));
	lost_events = 0;
	node_record(w, node, 1000, 0, 0);
	trace_switch(w, true);
	write_ops(1);
	assert_true(read_on(&error));
	assert_int_equal(lost_events, 0);
	unmake();
}

/* -------------------------------- the thread ----------------------------- */

static uint64_t fetched_until(void)
{
	uint64_t cell;

	pthread_mutex_lock(&ring.lock);
	cell = ring.cell;
	pthread_mutex_unlock(&ring.lock);
	return cell;
}

/* Nobody visits meanwhile, and nothing is lost all the same. */
static void test_a_thread_fetches(void **state)
{
	const struct timespec moment = { 0, 1000000 };
	struct trace_drain *drain;
	struct latency_error error;
	unsigned i, moments = 60000;

	make(state);
	trace_ring_close(&ring);
	close(fd);
	fd = segment_open(((const struct test_dir *)*state)->fd,
			  segment_name(PID, ID), O_RDWR, &error);
	assert_true(trace_ring_open(&ring, fd, w->header->trace, true,
				    &error));
	drain = trace_drain_start(&error);
	assert_non_null(drain);
	assert_true(trace_drain_add(drain, &ring));
	for (i = 1; i <= 10; i++) {
		write_ops(LATENCY_TRACE_CELLS - 1);
		while (fetched_until() != w->trace->written) {
			assert_int_not_equal(moments--, 0);
			nanosleep(&moment, NULL);
		}
	}
	/* It has asked the writer to go on. */
	assert_true(w->header->control.trace_until >=
		    clock_read_ns(CLOCK_MONOTONIC) / NS_PER_S);
	trace_drain_remove(drain, &ring);
	trace_drain_stop(drain);
	assert_int_equal(seen, 0);
	assert_true(read_on(&error));
	assert_int_equal(seen, 10 * (LATENCY_TRACE_CELLS - 1));
	assert_int_equal(lost_events, 0);
	unmake();
}

/* Memory is bounded; what is left in the ring then is lost, and counted. */
static void test_what_is_fetched_is_bounded(void **state)
{
	const unsigned rings = TRACE_FETCHED_CELLS / LATENCY_TRACE_CELLS + 3;
	struct latency_error error;
	unsigned i;

	make(state);
	for (i = 0; i < rings; i++) {
		write_ops(LATENCY_TRACE_CELLS);
		trace_ring_fetch(&ring);
	}
	assert_true(read_on(&error));
	assert_int_equal(seen, TRACE_FETCHED_CELLS);
	assert_int_equal(lost_events, 0);
	assert_true(read_on(&error));
	assert_int_equal(seen, TRACE_FETCHED_CELLS + LATENCY_TRACE_CELLS);
	assert_int_equal(lost_events, 2 * LATENCY_TRACE_CELLS);
	unmake();
}

/* ------------------------------- bytes at will --------------------------- */

static void check_refused(const char *why)
{
	struct latency_error error;

	assert_false(read_on(&error));
	assert_non_null(strstr(error.text, why));
}

static void test_what_makes_no_sense_ends_it(void **state)
{
	struct latency_error error;

	make(state);
	write_ops(2);
	w->trace->cell[1].event.kind = 77;
	check_refused("event that makes no sense");
	unmake();

	make(state);
	write_ops(2);
	w->trace->cell[1].event.number = 1;
	check_refused("event number that repeats");
	unmake();

	make(state);
	write_request("path");
	w->trace->cell[0].event.pieces = 200;
	check_refused("event that makes no sense");
	unmake();

	make(state);
	write_request("path");
	w->trace->cell[1].path.kind = LATENCY_EVENT_OP;
	check_refused("event that makes no sense");
	unmake();

	make(state);
	write_ops(2);
	assert_true(read_on(&error));
	w->trace->written = 1;
	check_refused("ring that went backwards");
	unmake();

	make(state);
	w->trace->written = UINT64_MAX;
	check_refused("ring that went backwards");
	unmake();

	make(state);
	trace_ring_close(&ring);
	assert_false(trace_ring_open(&ring, fd, UINT32_MAX, true, &error));
	assert_non_null(strstr(error.text, "ring outside the file"));
	unmake();
}

/* Any bytes, again and again: no read goes wrong, and none goes on for ever. */
static void test_random_bytes(void **state)
{
	struct random random = { 1 };
	struct latency_error error;
	unsigned i, j;

	make(state);
	for (i = 0; i < 300; i++) {
		uint64_t *words = (uint64_t *)w->trace;

		trace_ring_close(&ring);
		write_ops((unsigned)(random_next(&random) % 100));
		write_request("dir/file");
		for (j = 0; j < 20; j++) {
			words[random_next(&random) % 2000] =
				random_next(&random) >>
				random_next(&random) % 64;
		}
		if (trace_ring_open(&ring, fd, w->header->trace, i % 2 == 0,
				    &error)) {
			read_on(&error);
			read_on(&error);
		}
	}
	unmake();
}

/* --------------------------------- groups -------------------------------- */

static struct trace_group seen_group;
static unsigned seen_groups;

static void on_group(const struct trace_group *group, void *private_data)
{
	(void)private_data;
	seen_group = *group;
	seen_groups++;
}

static void add(struct trace_groups *groups, uint8_t kind, uint16_t root,
		uint16_t request, uint64_t message_id, uint8_t depth)
{
	static const struct latency_slot slot;
	const struct trace_event event = {
		.e = { .kind = kind, .root = root, .request = request,
		       .message_id = message_id, .depth = depth },
		.name = "name", .layer = "",
	};

	assert_true(trace_groups_add(groups, PID, &slot, "root", &event,
				     "path"));
}

static void test_requests_at_once_are_told_apart(void **state)
{
	struct trace_groups *groups = trace_groups_new(on_group, NULL);

	(void)state;
	seen_groups = 0;
	add(groups, LATENCY_EVENT_OP, 8, 1, 100, 1);
	add(groups, LATENCY_EVENT_OP, 9, 2, 101, 1);
	add(groups, LATENCY_EVENT_OP, 9, 2, 101, 1);
	assert_int_equal(seen_groups, 0);
	add(groups, LATENCY_EVENT_REQUEST, 9, 2, 101, 0);
	assert_int_equal(seen_groups, 1);
	assert_int_equal(seen_group.count, 2);
	assert_true(seen_group.has_request);
	assert_string_equal(seen_group.path, "path");
	/* For no request: its outermost op ends it. */
	add(groups, LATENCY_EVENT_OP, LATENCY_ROOT_OTHER, 0, 0, 2);
	add(groups, LATENCY_EVENT_OP, LATENCY_ROOT_OTHER, 0, 0, 1);
	assert_int_equal(seen_groups, 2);
	assert_int_equal(seen_group.count, 2);
	assert_false(seen_group.has_request);
	trace_groups_flush(groups);
	assert_int_equal(seen_groups, 3);
	assert_int_equal(seen_group.count, 1);
	trace_groups_free(groups);
}

static void test_requests_that_never_end_are_bounded(void **state)
{
	struct trace_groups *groups = trace_groups_new(on_group, NULL);
	uint64_t i;

	(void)state;
	seen_groups = 0;
	for (i = 0; i < 5000; i++) {
		add(groups, LATENCY_EVENT_OP, 8, 1, i, 1);
	}
	assert_int_equal(seen_groups, 5000 - 1024);
	for (i = 0; i < 5000; i++) {
		add(groups, LATENCY_EVENT_OP, 8, 1, 4999, 1);
	}
	assert_int_equal(seen_groups, 5000 - 1024 + 1);
	assert_int_equal(seen_group.count, 4096);
	trace_groups_free(groups);
}

/* --------------------------------- filter -------------------------------- */

static void test_filter(void **state)
{
	char *names[] = { "openat", "read", NULL };
	char *requests[] = { "request", NULL };
	const struct trace_filter all = { .names = NULL };
	const struct trace_filter some = { .names = names, .path = "a*z" };
	const struct trace_filter each = { .names = requests };

	(void)state;
	assert_true(trace_filter_name(&all, "close", false));
	assert_true(trace_filter_path(&all, ""));
	assert_true(trace_filter_name(&some, "openat", false));
	assert_false(trace_filter_name(&some, "close", false));
	assert_true(trace_filter_name(&some, "SMB2_OP_READ", true));
	assert_false(trace_filter_name(&some, "SMB2_OP_WRITE", true));
	assert_true(trace_filter_name(&each, "SMB2_OP_WRITE", true));
	assert_false(trace_filter_name(&each, "openat", false));
	assert_true(trace_filter_path(&some, "a/b/z"));
	assert_false(trace_filter_path(&some, "a/b/y"));
	assert_false(trace_filter_path(&some, ""));
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_dir_make, test_dir_remove)
	const struct CMUnitTest tests[] = {
		TEST(test_events_are_read_once_and_in_order),
		TEST(test_paths_of_all_lengths),
		TEST(test_what_is_overwritten_is_counted),
		TEST(test_what_is_being_written_is_left_out),
		TEST(test_a_later_reader_gets_what_comes),
		TEST(test_what_was_not_traced_is_counted),
		TEST(test_a_thread_fetches),
		TEST(test_what_is_fetched_is_bounded),
		TEST(test_what_makes_no_sense_ends_it),
		TEST(test_random_bytes),
		cmocka_unit_test(test_requests_at_once_are_told_apart),
		cmocka_unit_test(test_requests_that_never_end_are_bounded),
		cmocka_unit_test(test_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
