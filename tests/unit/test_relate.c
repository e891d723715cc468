/*
 * Differences of snapshots, and baselines, when processes depart in between:
 * also more of them than the departed have slots for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "coverage.h"
#include "since_reset.h"
#include "unit.h"

#include "baseline.h"
#include "control.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "snapshot_relate.h"
#include "table_add.h"

#define PROCESSES (DEPARTED_SLOTS + 40)
#define CALLS 3u
#define BY_WHO (BY(BY_SHARE) | BY(BY_USER) | BY(BY_CLIENT) | BY(BY_OP))

static int locks[PROCESSES];

/* A process, alive until its lock is closed, with a user of its own. */
static void process_make(const struct test_dir *td, unsigned number)
{
	uint32_t pid = 1000000 + number;
	struct segment_writer *w = segment_make(td, pid, number + 1);
	struct latency_error error;
	struct slot_writer *s;
	char user[32];
	unsigned i;

	snprintf(user, sizeof(user), "user%u", number);
	s = slot_for(w, "share", user, "192.0.2.1");
	assert_non_null(s);
	for (i = 0; i < CALLS; i++) {
		node_record(w, node_of(s, 5, OPENAT), 1000 + number, 0, 0);
	}
	/* Only few can be mapped at a time: the lock is kept without. */
	segment_close(w);
	locks[number] = segment_open(td->fd, segment_name(pid, number + 1),
				     O_RDWR, &error);
	assert_true(locks[number] != -1 && segment_own(locks[number]));
}

static void processes_make(const struct test_dir *td)
{
	unsigned i;

	for (i = 0; i < PROCESSES; i++) {
		process_make(td, i);
	}
}

static void processes_end(unsigned from, unsigned to)
{
	unsigned i;

	for (i = from; i < to; i++) {
		close(locks[i]);
	}
}

/* How many calls there are, and in how many groups, since the earlier one. */
static uint64_t calls_since(const struct snapshot *now,
			    struct snapshot *earlier, unsigned *groups)
{
	struct table *table = table_of(now, TABLE_OPS, BY_WHO);
	struct table *before;
	uint64_t calls = 0;
	unsigned i;

	if (earlier != NULL) {
		assert_true(snapshot_relate(earlier, now));
		before = table_of(earlier, TABLE_OPS, BY_WHO);
		table_subtract(table, before);
		table_free(before);
	}
	for (i = 0; i < table_count(table); i++) {
		calls += table_at(table, i)->sum.count;
	}
	*groups = table_count(table);
	table_free(table);
	return calls;
}

static struct snapshot *take(const struct test_dir *td)
{
	struct latency_error error;
	struct snapshot *s = snapshot_take(td->path, &error);

	assert_non_null(s);
	assert_int_equal(s->problem_count, 0);
	return s;
}

static void test_departing_is_no_difference(void **state)
{
	const struct test_dir *td = *state;
	struct snapshot *first, *second;
	unsigned groups;

	processes_make(td);
	first = take(td);
	assert_int_equal(calls_since(first, NULL, &groups), PROCESSES * CALLS);
	assert_int_equal(groups, PROCESSES);

	processes_end(0, PROCESSES);
	second = take(td);
	assert_int_equal(calls_since(second, NULL, &groups), PROCESSES * CALLS);
	/* The last ones share a slot. */
	assert_int_equal(groups, DEPARTED_SLOTS + 1);
	assert_int_equal(calls_since(second, first, &groups), 0);
	assert_int_equal(groups, 0);
	snapshot_free(first);
	snapshot_free(second);
}

static struct snapshot *take_from_reset(const struct test_dir *td,
					struct snapshot **baseline)
{
	struct latency_error error;
	struct snapshot *s = since_reset_visit(td->path, NULL, NULL,
					       baseline, &error);

	assert_non_null(s);
	assert_non_null(*baseline);
	assert_int_equal(s->problem_count, 0);
	return s;
}

/* Each time some depart, and their baselines are added up, nothing changes. */
static void test_reset_holds_while_processes_depart(void **state)
{
	const struct test_dir *td = *state;
	const struct filter all = { .pid = 0 };
	struct latency_error error;
	struct timespec before;
	unsigned step, groups;
	uint64_t before_ns;

	processes_make(td);
	clock_gettime(CLOCK_REALTIME, &before);
	before_ns = (uint64_t)before.tv_sec * 1000000000u +
		(uint64_t)before.tv_nsec;
	assert_true(baseline_reset(td->path, 0, &error));
	for (step = 0; step <= PROCESSES; step += PROCESSES / 4) {
		struct snapshot *baseline;
		struct snapshot *now = take_from_reset(td, &baseline);

		assert_int_equal(calls_since(now, baseline, &groups), 0);
		assert_true(baseline_since(now, baseline, &all) >= before_ns);
		snapshot_free(baseline);
		snapshot_free(now);
		if (step < PROCESSES) {
			processes_end(step, step + PROCESSES / 4);
		}
	}
	assert_int_equal(PROCESSES % 4, 0);
	/* departed.segment and departed.baseline are all that is left. */
	assert_int_equal(test_dir_names(td), 2);
}

static void test_reset_of_one_process(void **state)
{
	const struct test_dir *td = *state;
	struct snapshot *now, *baseline;
	struct latency_error error;
	unsigned groups;

	process_make(td, 0);
	process_make(td, 1);
	assert_false(baseline_reset(td->path, 4711, &error));
	assert_int_equal(errno, ESRCH);
	assert_true(baseline_reset(td->path, 1000000, &error));
	now = take_from_reset(td, &baseline);
	assert_int_equal(calls_since(now, baseline, &groups), CALLS);
	assert_int_equal(groups, 1);
	snapshot_free(baseline);
	snapshot_free(now);

	processes_end(0, 2);
	now = take_from_reset(td, &baseline);
	assert_int_equal(calls_since(now, baseline, &groups), CALLS);
	assert_int_equal(groups, 1);
	snapshot_free(baseline);
	snapshot_free(now);
}

/* Only what the segment holds gets into the file, and not old memory. */
static void test_baseline_holds_nothing_else(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	struct latency_error error;
	unsigned char block[8], was[8];
	off_t at = 0;
	int fd;

	node_record(w, node_of(slot_for(w, "a", "b", "c"), 5, OPENAT),
		    1000, 0, 0);
	/* What malloc(3) hands out is full of 0xa5 now. */
	mallopt(M_PERTURB, 0x5a);
	assert_true(baseline_reset(td->path, 0, &error));
	mallopt(M_PERTURB, 0);
	memset(was, 0xa5, sizeof(was));
	fd = openat(td->fd, "smbd-1-0000000000000001.baseline", O_RDONLY);
	for (; pread(fd, block, sizeof(block), at) == sizeof(block);
	     at += sizeof(block)) {
		assert_memory_not_equal(block, was, sizeof(was));
	}
	assert_true(at > (off_t)sizeof(struct latency_header));
	close(fd);
	segment_close(w);
}

/* Tree connects of a snapshot since the reset. */
static uint64_t tree_connects_since(const struct test_dir *td)
{
	const struct filter all = { .pid = 0 };
	struct coverage now, before;
	struct snapshot *baseline, *s = take_from_reset(td, &baseline);
	unsigned i;

	coverage_init(&now);
	coverage_init(&before);
	for (i = 0; i < s->image_count; i++) {
		coverage_add(&now, &s->images[i], &all);
	}
	for (i = 0; i < baseline->image_count; i++) {
		coverage_add(&before, &baseline->images[i], &all);
	}
	coverage_subtract(&now, &before);
	snapshot_free(baseline);
	snapshot_free(s);
	return now.tree_connects;
}

/* Who is connected at the reset is one of those since. */
static void test_reset_leaves_the_connected(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	struct latency_error error;

	slot_disconnected(slot_for(w, "a", "b", "c"));
	slot_for(w, "a", "b", "c");
	slot_for(w, "a", "b", "c");
	assert_true(baseline_reset(td->path, 0, &error));
	assert_int_equal(tree_connects_since(td), 2);
	slot_for(w, "d", "b", "c");
	assert_int_equal(tree_connects_since(td), 3);
	segment_close(w);
	assert_int_equal(tree_connects_since(td), 3);
	assert_int_equal(tree_connects_since(td), 3);
}

static bool add(const struct snapshot *snapshot, struct segment_image *image,
		void *private_data)
{
	const struct filter all = { .pid = 0 };

	(void)snapshot;
	return table_add(private_data, image, &all);
}

/* A visited snapshot has no slots left, but relates as one that has. */
static void test_reset_is_seen_by_a_visitor(void **state)
{
	const struct test_dir *td = *state;
	struct table *table = table_new(TABLE_OPS, BY_WHO);
	struct snapshot *now, *baseline;
	struct latency_error error;
	struct table *before;
	unsigned i;

	assert_non_null(table);
	process_make(td, 0);
	process_make(td, 1);
	process_make(td, 2);
	assert_true(baseline_reset(td->path, 1000000, &error));
	assert_true(baseline_reset(td->path, 1000001, &error));
	processes_end(0, 1);
	now = since_reset_visit(td->path, add, table, &baseline, &error);
	assert_non_null(now);
	assert_non_null(baseline);
	for (i = 0; i < now->image_count; i++) {
		const struct segment_image *image = &now->images[i];

		/* Each finds its own baseline. */
		assert_int_equal(baseline_image_since(image, baseline) >
				 image->header->start_realtime_ns,
				 image->header->pid == 1000001);
	}
	assert_true(snapshot_relate(baseline, now));
	before = table_of(baseline, TABLE_OPS, BY_WHO);
	table_subtract(table, before);
	assert_int_equal(table_count(table), 1);
	assert_string_equal(group_name(table_at(table, 0), BY_USER), "user2");
	table_free(before);
	table_free(table);
	snapshot_free(baseline);
	snapshot_free(now);
	processes_end(1, 3);
}

static void test_control_reaches_all_and_those_to_come(void **state)
{
	const struct test_dir *td = *state;
	const struct control_change off = { .set_off = true, .off = true };
	const struct control_change slow = { .set_slow = true, .slow_ms = 7 };
	struct latency_control control = { .off = 0 };
	struct segment_writer *w = segment_make(td, 1, 1);
	struct latency_error error;

	assert_true(control_change(td->path, 0, &off, &error));
	assert_int_equal(w->header->control.off, 1);
	assert_int_equal(w->header->control.slow_set, 0);
	assert_true(control_change(td->path, 1, &slow, &error));
	assert_int_equal(w->header->control.off, 1);
	assert_int_equal(w->header->control.slow_set, 1);
	assert_int_equal(w->header->control.slow_ms, 7);
	assert_false(control_change(td->path, 2, &slow, &error));
	assert_int_equal(errno, ESRCH);

	control_inherit(td->fd, &control);
	assert_int_equal(control.off, 1);
	assert_int_equal(control.slow_set, 0);
	segment_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_departing_is_no_difference, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_reset_holds_while_processes_depart, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_reset_of_one_process, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_baseline_holds_nothing_else, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_reset_leaves_the_connected, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_reset_is_seen_by_a_visitor, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_control_reaches_all_and_those_to_come,
			test_dir_make,
			test_dir_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
