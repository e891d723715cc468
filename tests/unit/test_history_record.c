/*
 * The recorder by a clock that the test sets: set back, or forward, it loses
 * and doubles nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorded.h"
#include "unit.h"

#include "history_span.h"

struct past {
	char name[300];
	struct history_recorder recorder;
	struct segment_writer *w;
	struct latency_node *node;
};

static void open_recorder(struct past *p)
{
	recorder_open(&p->recorder, p->name, "1h,1m:1d,1h:1w");
}

static void close_recorder(struct past *p)
{
	recorder_close(&p->recorder);
}

static void begin(struct past *p, void **state)
{
	const struct slot_key key = { "share", "user", "client", "latency" };
	const struct test_dir *td = *state;
	struct slot_writer *s;

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s/history.db", td->path);
	p->w = recorded_process();
	s = segment_slot(p->w, &key, true);
	p->node = slot_node_below(s, slot_node(s, LATENCY_NODE_TOP),
				  LATENCY_FRAME(0, 5));
	segment_publish(p->w);
	open_recorder(p);
}

static void end(struct past *p)
{
	close_recorder(p);
	segment_close(p->w);
}

/* So many calls are made, then all is recorded at a time of both clocks. */
static void record(struct past *p, unsigned calls, uint64_t realtime_ns,
		   uint64_t monotonic_ns)
{
	while (calls-- > 0) {
		node_record(p->w, p->node, 1000, 0, 0);
	}
	recorder_record(&p->recorder, p->w, realtime_ns, monotonic_ns);
}

/* How many calls the history has from one time to another. */
static uint64_t calls_in(const struct past *p, uint64_t from_ns,
			 uint64_t to_ns)
{
	struct history_span span;
	struct latency_error error;
	struct history_db db;
	uint64_t calls = 0;
	unsigned i, n;

	assert_true(history_db_open(&db, p->name, &error));
	assert_true(history_span_read(&db, from_ns, to_ns, false, &span,
				      &error));
	for (i = 0; span.later != NULL && i < span.later->image_count; i++) {
		const struct segment_image *image = &span.later->images[i];
		const struct latency_slot *slot = image_slot(image, NULL);

		for (; slot != NULL; slot = image_slot(image, slot)) {
			for (n = 0; n < slot->nodes; n++) {
				calls += image_node(image, slot, n)->count;
			}
		}
	}
	history_span_free(&span);
	history_db_close(&db);
	return calls;
}

static uint64_t all_calls(const struct past *p)
{
	return calls_in(p, 0, INT64_MAX);
}

static void test_a_clock_set_back(void **state)
{
	struct past p;

	begin(&p, state);
	record(&p, 5, NOON, 10 * S);
	record(&p, 10, NOON + 10 * S, 20 * S);
	record(&p, 20, NOON + 20 * S - HOUR, 30 * S);
	record(&p, 40, NOON + 30 * S - HOUR, 40 * S);
	/* What was there before the first interval is not counted. */
	assert_int_equal(all_calls(&p), 70);
	/* An interval is as long as it took, before the time it ended at. */
	assert_int_equal(calls_in(&p, NOON + 10 * S - HOUR,
				  NOON + 20 * S - HOUR), 20);
	assert_int_equal(calls_in(&p, NOON + 20 * S - HOUR,
				  NOON + 30 * S - HOUR), 40);
	assert_int_equal(calls_in(&p, NOON, NOON + HOUR), 10);
	end(&p);
}

/* The same hour comes twice: reports on it have both. */
static void test_an_hour_that_comes_twice(void **state)
{
	struct past p;
	uint64_t at;
	unsigned turn;

	begin(&p, state);
	record(&p, 0, NOON, 10 * S);
	for (turn = 0; turn < 2; turn++) {
		for (at = 10 * S; at <= HOUR; at += 10 * S) {
			record(&p, 1, NOON + at, 10 * S + turn * HOUR + at);
		}
	}
	assert_int_equal(all_calls(&p), 2 * 360);
	assert_int_equal(calls_in(&p, NOON, NOON + HOUR), 2 * 360);
	end(&p);
}

static void test_a_clock_set_back_while_nobody_records(void **state)
{
	struct past p;

	begin(&p, state);
	record(&p, 0, NOON, 10 * S);
	record(&p, 10, NOON + 10 * S, 20 * S);
	close_recorder(&p);
	open_recorder(&p);
	record(&p, 20, NOON - HOUR, 30 * S);
	record(&p, 40, NOON - HOUR + 10 * S, 40 * S);
	assert_int_equal(all_calls(&p), 70);
	assert_int_equal(calls_in(&p, NOON - HOUR, NOON), 40);
	end(&p);
}

static void test_a_clock_set_forward(void **state)
{
	struct past p;

	begin(&p, state);
	record(&p, 0, NOON, 10 * S);
	record(&p, 10, NOON + 10 * S, 20 * S);
	record(&p, 20, NOON + 20 * S + 24 * HOUR, 30 * S);
	record(&p, 40, NOON + 30 * S + 24 * HOUR, 40 * S);
	assert_int_equal(all_calls(&p), 70);
	end(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_a_clock_set_back,
						test_dir_make,
						test_dir_remove),
		cmocka_unit_test_setup_teardown(test_an_hour_that_comes_twice,
						test_dir_make,
						test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_a_clock_set_back_while_nobody_records,
			test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(test_a_clock_set_forward,
						test_dir_make,
						test_dir_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
