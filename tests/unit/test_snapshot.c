/*
 * Taking a snapshot: what is in it, what its visitor sees, what it covers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "coverage.h"
#include "segment_dir.h"
#include "unit.h"
#include "wall_time.h"

#define CREATE 5u
#define GONE 4194000u		/* of nobody: above the usual pid_max */

/* A process with so many tree connects, the last one still there, all used. */
static struct segment_writer *process_make(const struct test_dir *td,
					   uint32_t pid, uint64_t id,
					   unsigned tree_connects)
{
	struct segment_writer *w = segment_make(td, pid, id);
	struct slot_writer *s = NULL;
	unsigned i;

	for (i = 0; i < tree_connects; i++) {
		if (s != NULL) {
			slot_disconnected(s);
		}
		s = slot_for(w, "Data", "alice", "192.0.2.1");
		assert_non_null(s);
		node_record(w, node_of(s, CREATE, OPENAT), 1000, 0, 0);
	}
	return w;
}

static struct snapshot *take(const struct test_dir *td)
{
	struct latency_error error = { "" };
	struct snapshot *s = snapshot_take(td->path, &error);

	assert_string_equal(error.text, "");
	assert_non_null(s);
	return s;
}

static void covered(const struct snapshot *s, const struct filter *filter,
		    struct coverage *c)
{
	unsigned i;

	coverage_init(c);
	for (i = 0; i < s->image_count; i++) {
		coverage_add(c, &s->images[i], filter);
	}
}

/* One process is alive, with one tree connect; one has ended, with three. */
static void check_coverage(const struct snapshot *s)
{
	const struct filter all = { .pid = 0 };
	struct coverage c;

	covered(s, &all, &c);
	assert_int_equal(c.processes, 1);
	assert_int_equal(c.departed, 1);
	assert_int_equal(c.connected, 1);
	assert_int_equal(c.tree_connects, 4);
}

static void test_the_dead_are_folded(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *alive = process_make(td, 1, 2, 1);
	struct snapshot *s;

	segment_close(process_make(td, GONE, 1, 3));
	s = take(td);
	assert_int_equal(s->problem_count, 0);
	assert_int_equal(s->image_count, 2);
	assert_int_equal(s->images[0].header->kind, LATENCY_KIND_DEPARTED);
	assert_int_equal(test_dir_names(td), 2);
	check_coverage(s);
	snapshot_free(s);
	segment_close(alive);
}

static void test_a_bad_segment_is_a_problem(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *good = process_make(td, 1, 2, 1);
	struct segment_writer *bad = process_make(td, 3, 4, 1);
	struct snapshot *s;

	bad->header->major = 99;
	s = take(td);
	assert_int_equal(s->image_count, 2);
	assert_int_equal(s->images[1].header->pid, 1);
	assert_int_equal(s->problem_count, 1);
	assert_non_null(strstr(s->problems[0].text, segment_name(3, 4)));
	snapshot_free(s);
	segment_close(good);
	segment_close(bad);
}

/* What a visitor has seen. */
struct seen {
	unsigned images;
	unsigned departed;		/* as the how-manyth; 0: not */
	uint64_t calls;
	unsigned most;			/* images that it can stand */
};

static bool see(const struct snapshot *s, struct segment_image *image,
		void *private_data)
{
	struct seen *seen = private_data;
	struct row_sum sum;

	assert_ptr_equal(image, &s->images[seen->images]);
	check_image(image);
	image_sum(image, &sum);
	seen->calls += sum.count;
	seen->images++;
	if (image->header->kind == LATENCY_KIND_DEPARTED) {
		seen->departed = seen->images;
	}
	return seen->images < seen->most;
}

static void test_a_visitor_sees_all_that_a_snapshot_has(void **state)
{
	const struct test_dir *td = *state;
	const struct filter all = { .pid = 0 };
	struct segment_writer *a = process_make(td, 1, 2, 1);
	struct segment_writer *b = process_make(td, 3, 4, 5);
	struct latency_error error = { "" };
	struct seen seen = { .most = 10 };
	struct snapshot *whole, *s;
	struct wall_time time[2];
	struct row_sum sum;
	unsigned i;

	a->header->time.waiting_client_ns = 5000;
	segment_close(process_make(td, GONE, 1, 3));
	whole = take(td);
	s = snapshot_visit(td->path, see, &seen, &error);
	assert_non_null(s);
	assert_int_equal(seen.images, 3);
	assert_int_equal(seen.departed, 1);
	assert_int_equal(seen.calls, 9);

	/* Of processes it keeps who they are and their times. */
	assert_int_equal(s->image_count, whole->image_count);
	for (i = 1; i < s->image_count; i++) {
		const struct segment_image *image = &s->images[i];

		check_image(&whole->images[i]);
		assert_null(image_slot(image, NULL));
		assert_int_equal(image->header->id,
				 whole->images[i].header->id);
		assert_true(image->owned);
		assert_true(image->size < 1024);
	}
	snapshot_wall_time(s, &all, OPEN_NOTHING, &time[0]);
	snapshot_wall_time(whole, &all, OPEN_NOTHING, &time[1]);
	assert_memory_equal(&time[0], &time[1], sizeof(time[0]));
	assert_int_equal(time[0].waiting_client_ns, 5000);
	image_sum(&s->images[0], &sum);
	assert_int_equal(sum.count, 3);
	snapshot_free(s);
	snapshot_free(whole);
	segment_close(a);
	segment_close(b);
}

static void test_a_visitor_can_fail(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = process_make(td, 1, 2, 1);
	struct latency_error error = { "" };
	struct seen seen = { .most = 2 };

	assert_null(snapshot_visit(td->path, see, &seen, &error));
	assert_string_not_equal(error.text, "");
	assert_int_equal(seen.images, 2);
	segment_close(w);
}

static void test_coverage_is_of_what_the_filter_wants(void **state)
{
	const struct test_dir *td = *state;
	const struct filter share = { .share = "data" };
	const struct filter nobody = { .user = "bob" };
	const struct filter pid = { .pid = 3 };
	struct segment_writer *a = process_make(td, 1, 2, 1);
	struct segment_writer *b = process_make(td, 3, 4, 5);
	struct coverage c, before;
	struct snapshot *s;
	unsigned i;

	b->header->unmeasured = 6;
	strcpy(b->header->samba_version, "4.22.0");
	s = take(td);
	covered(s, &share, &c);
	assert_int_equal(c.tree_connects, 6);
	assert_int_equal(c.connected, 2);
	/* The process of id n was started in second n; b last. */
	assert_int_equal(c.since_realtime_ns, 2000000000u);
	assert_string_equal(c.samba_version, "4.22.0");
	covered(s, &nobody, &c);
	assert_int_equal(c.tree_connects, 0);
	assert_int_equal(c.processes, 2);
	covered(s, &pid, &c);
	assert_int_equal(c.tree_connects, 5);
	assert_int_equal(c.processes, 1);
	assert_int_equal(c.unmeasured, 6);
	assert_int_equal(c.since_realtime_ns, 4000000000u);

	/* In whichever order they come. */
	coverage_init(&c);
	for (i = s->image_count; i-- > 0;) {
		coverage_add(&c, &s->images[i], &pid);
		coverage_add(&c, &s->images[i], &share);
	}
	assert_string_equal(c.samba_version, "4.22.0");
	assert_int_equal(c.since_realtime_ns, 2000000000u);

	covered(s, &pid, &c);
	before = c;
	before.tree_connects = 2;
	before.unmeasured = 7;
	coverage_subtract(&c, &before);
	assert_int_equal(c.tree_connects, 3);
	assert_int_equal(c.unmeasured, 0);
	assert_int_equal(c.processes, 1);
	snapshot_free(s);
	segment_close(a);
	segment_close(b);
}

static void test_the_dead_have_no_tree_connected(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *alive = process_make(td, 1, 2, 1);
	struct snapshot *s;

	segment_close(process_make(td, GONE, 1, 3));
	s = snapshot_as_is(td);
	check_coverage(s);
	snapshot_free(s);
	segment_close(alive);
}

static void test_an_open_end_is_waiting_or_work(void **state)
{
	const struct test_dir *td = *state;
	const struct filter all = { .pid = 0 };
	struct segment_writer *w = process_make(td, 1, 2, 1);
	struct wall_time settled, time;
	struct snapshot *s;

	w->header->time.vfs_ns = 3999;	/* 3 us are whole */
	w->header->time.mark_ns = 1;
	w->header->time.phase = LATENCY_PHASE_WAITING_CLIENT;
	s = take(td);
	s->taken_monotonic_ns = 5000001;
	snapshot_wall_time(s, &all, OPEN_NOTHING, &settled);
	assert_int_equal(settled.wall_ns, 3000);
	snapshot_wall_time(s, &all, OPEN_ALL, &time);
	assert_int_equal(time.vfs_ns, 3000);
	/* smbd's clock may be behind. */
	assert_int_equal(time.waiting_client_ns, 4980000);
	assert_int_equal(time.under_way_ns, 20000);
	assert_int_equal(time.wall_ns, 5003000);
	wall_time_subtract(&time, &settled);
	assert_int_equal(time.wall_ns, 5000000);
	snapshot_free(s);

	w->header->time.phase = LATENCY_PHASE_WORKING;
	s = take(td);
	s->taken_monotonic_ns = 5000001;
	snapshot_wall_time(s, &all, OPEN_ALL, &time);
	assert_int_equal(time.waiting_client_ns, 0);
	assert_int_equal(time.under_way_ns, 5000000);
	assert_int_equal(time.wall_ns, 5003000);
	snapshot_wall_time(s, &all, OPEN_KNOWN, &time);
	assert_int_equal(time.wall_ns, 3000);
	snapshot_free(s);
	segment_close(w);
}

/* In 1 ms ticks, an op that began at 1 s is under way at 2 s; all but 0.5 s. */
static void test_a_long_op_under_way_is_vfs_time(void **state)
{
	const struct test_dir *td = *state;
	const struct filter all = { .pid = 0 };
	struct segment_writer *w = process_make(td, 1, 2, 1);
	struct latency_header *h = w->header;
	struct latency_node *openat = node_of(w->slots, CREATE, OPENAT);
	struct latency_node *close = slot_node_below(w->slots, openat,
						     OP_FRAME(CLOSE));
	struct wall_time time;
	struct snapshot *s;

	h->time.phase = LATENCY_PHASE_WORKING;
	h->time.mark_ns = 500000000;
	h->now.ns_per_tick = (uint64_t)1000000 << 32;
	h->now.base_ticks = 2000;
	h->now.base_ns = 2000000000;
	openat->begun = 1000;
	close->begun = 1900;
	s = take(td);
	s->taken_monotonic_ns = 2000000000;
	snapshot_wall_time(s, &all, OPEN_KNOWN, &time);
	assert_int_equal(time.vfs_ns, 999980000);
	assert_int_equal(time.under_way_ns, 0);
	snapshot_wall_time(s, &all, OPEN_ALL, &time);
	assert_int_equal(time.vfs_ns + time.under_way_ns, 1500000000);
	assert_int_equal(time.wall_ns, 1500000000);
	snapshot_free(s);

	/* One that is young may be counted as less when it ends. */
	openat->begun = 1995;
	s = take(td);
	s->taken_monotonic_ns = 2000000000;
	snapshot_wall_time(s, &all, OPEN_ALL, &time);
	assert_int_equal(time.vfs_ns, 0);
	assert_int_equal(time.under_way_ns, 1500000000);
	snapshot_free(s);
	segment_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_the_dead_are_folded, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_a_bad_segment_is_a_problem, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_a_visitor_sees_all_that_a_snapshot_has,
			test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_a_visitor_can_fail, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_coverage_is_of_what_the_filter_wants,
			test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_the_dead_have_no_tree_connected, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_an_open_end_is_waiting_or_work, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_a_long_op_under_way_is_vfs_time, test_dir_make,
			test_dir_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
