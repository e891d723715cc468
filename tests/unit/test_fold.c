/*
 * Folding: however it is interrupted, no count is lost or doubled.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "frame_name.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "unit.h"

/* A dead segment with n calls of openat, 1000 ns each, by this user. */
static void dead_make(const struct test_dir *td, uint64_t id, const char *user,
		      unsigned n)
{
	struct segment_writer *w = segment_make(td, 4194000, id);
	struct slot_writer *s = slot_for(w, "data", user, "10.0.0.1");

	while (n-- > 0) {
		node_record(w, node_of(s, 5, OPENAT), 1000, 7, 2);
	}
	segment_close(w);
}

static void fold_all(const struct test_dir *td)
{
	int lock = segment_dir_lock(td->fd, true, 0);
	struct latency_error error;
	bool ok = segment_fold_all(td->fd, &error);

	segment_dir_unlock(lock);
	if (!ok) {
		fail_msg("%s", error.text);
	}
}

static uint64_t count_in(const struct snapshot *s)
{
	uint64_t count = 0;
	struct row_sum sum;
	unsigned i;

	assert_int_equal(s->problem_count, 0);
	for (i = 0; i < s->image_count; i++) {
		check_image(&s->images[i]);
		image_sum(&s->images[i], &sum);
		count += sum.count;
	}
	return count;
}

/* What a reader finds, without folding. */
static uint64_t count_as_is(const struct test_dir *td)
{
	struct snapshot *s = snapshot_as_is(td);
	uint64_t count = count_in(s);

	snapshot_free(s);
	return count;
}

static void departed_read(const struct test_dir *td,
			  struct segment_image *image)
{
	image_read(td, LATENCY_DEPARTED_NAME, image);
}

/* The calls of the departed in the slot of this user; 0 without a slot. */
static uint64_t departed_count(const struct test_dir *td, const char *user)
{
	const struct latency_slot *slot;
	struct segment_image image;
	uint64_t count = 0;
	uint32_t i;

	departed_read(td, &image);
	for (slot = image_slot(&image, NULL); slot != NULL;
	     slot = image_slot(&image, slot)) {
		for (i = 1; i < slot->nodes; i++) {
			if (strcmp(slot->key.user, user) == 0) {
				count += image_node(&image, slot, i)->count;
			}
		}
	}
	segment_image_free(&image);
	return count;
}

static void test_dead_become_departed(void **state)
{
	const struct test_dir *td = *state;
	struct segment_image image;
	struct row_sum sum;

	dead_make(td, 1, "anna", 3);
	dead_make(td, 2, "anna", 4);
	dead_make(td, 3, "bert", 5);
	fold_all(td);
	assert_int_equal(test_dir_names(td), 1);
	departed_read(td, &image);
	image_sum(&image, &sum);
	check_consistent(&sum);
	assert_int_equal(sum.count, 12);
	assert_int_equal(sum.total_ns, 12000);
	assert_int_equal(sum.bytes, 84);
	assert_int_equal(sum.errors, 12);
	assert_int_equal(image.header->processes, 3);
	assert_int_equal(image.header->slots, 2);
	assert_int_equal(image.header->start_realtime_ns, 1000000000u);
	segment_image_free(&image);
	assert_int_equal(departed_count(td, "anna"), 7);
}

static void test_tree_connects_are_added(void **state)
{
	const struct test_dir *td = *state;
	struct segment_image image;

	dead_make(td, 1, "anna", 3);
	dead_make(td, 2, "anna", 4);
	fold_all(td);
	departed_read(td, &image);
	assert_int_equal(image_slot(&image, NULL)->tree_connects, 2);
	assert_int_equal(image_slot(&image, NULL)->connected, 0);
	segment_image_free(&image);
}

static void test_unmeasured_are_added(void **state)
{
	const struct test_dir *td = *state;
	struct segment_image image;
	uint64_t id;

	for (id = 1; id <= 2; id++) {
		struct segment_writer *w = segment_make(td, 4194000, id);

		w->header->unmeasured = 10 * id;
		w->header->unmeasured_trees = id;
		segment_close(w);
	}
	fold_all(td);
	departed_read(td, &image);
	assert_int_equal(image.header->unmeasured, 30);
	assert_int_equal(image.header->unmeasured_trees, 3);
	segment_image_free(&image);
}

static void test_living_is_never_folded(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, (uint32_t)getpid(), 9);
	struct slot_writer *s = slot_for(w, "data", "carl", "");
	unsigned round;

	node_record(w, node_of(s, 5, OPENAT), 1000, 0, 0);
	dead_make(td, 1, "anna", 3);
	for (round = 0; round < 3; round++) {
		fold_all(td);
		assert_int_equal(test_dir_names(td), 2);
		assert_int_equal(count_as_is(td), 4);
		assert_int_equal(departed_count(td, "carl"), 0);
	}
	segment_close(w);
}

static void test_unfinished_of_the_living_stays(void **state)
{
	const struct test_dir *td = *state;
	const char *name = segment_name((uint32_t)getpid(), 1);

	close(openat(td->fd, name, O_RDWR | O_CREAT, 0600));
	fold_all(td);
	assert_int_equal(faccessat(td->fd, name, F_OK, 0), 0);
}

/* Spoils two bytes of the departed; then folds, which must say so. */
static void check_set_aside(const struct test_dir *td, off_t offset,
			    const char *said)
{
	const uint16_t spoilt = 0x7777;
	struct latency_error error;
	char name[64];
	struct stat st;
	int fd, lock;

	dead_make(td, 1, "anna", 3);
	fold_all(td);
	fd = openat(td->fd, LATENCY_DEPARTED_NAME, O_WRONLY);
	assert_int_equal(pwrite(fd, &spoilt, sizeof(spoilt), offset),
			 sizeof(spoilt));
	close(fd);

	dead_make(td, 2, "anna", 4);
	lock = segment_dir_lock(td->fd, true, 0);
	assert_false(segment_fold_all(td->fd, &error));
	segment_dir_unlock(lock);
	assert_non_null(strstr(error.text, said));
	/* It is still there, under the name that was said. */
	assert_int_equal(sscanf(strstr(error.text, "departed-"), "%63[^,]",
				name), 1);
	assert_int_equal(fstatat(td->fd, name, &st, 0), 0);

	fold_all(td);
	assert_int_equal(departed_count(td, "anna"), 4);
	assert_int_equal(fstatat(td->fd, name, &st, 0), 0);
}

static void test_damaged_departed_are_set_aside(void **state)
{
	check_set_aside(*state, offsetof(struct latency_header, magic),
			"not a segment");
}

static void test_departed_of_another_format_are_set_aside(void **state)
{
	check_set_aside(*state, offsetof(struct latency_header, major),
			"format version");
}

static void test_repeated_folding_changes_nothing(void **state)
{
	const struct test_dir *td = *state;
	unsigned round;

	dead_make(td, 1, "anna", 3);
	for (round = 0; round < 5; round++) {
		fold_all(td);
		assert_int_equal(departed_count(td, "anna"), 3);
	}
}

static void test_many_dead(void **state)
{
	const struct test_dir *td = *state;
	uint64_t id;

	for (id = 1; id <= 300; id++) {
		dead_make(td, id, id % 2 == 0 ? "anna" : "bert", 2);
	}
	fold_all(td);
	assert_int_equal(test_dir_names(td), 1);
	assert_int_equal(departed_count(td, "anna"), 300);
	assert_int_equal(departed_count(td, "bert"), 300);
}

static void test_users_beyond_the_limit_are_others(void **state)
{
	const struct test_dir *td = *state;
	unsigned i;
	char user[32];

	for (i = 0; i < DEPARTED_SLOTS + 10; i++) {
		snprintf(user, sizeof(user), "user%u", i);
		dead_make(td, i + 1, user, 2);
		if (i % 50 == 0) {
			fold_all(td);
		}
	}
	fold_all(td);
	assert_int_equal(departed_count(td, "user0"), 2);
	assert_int_equal(departed_count(td, DEPARTED_OTHERS), 20);
	assert_int_equal(count_as_is(td), 2 * (DEPARTED_SLOTS + 10));

	/* Who had a slot keeps it. */
	dead_make(td, 1000, "user0", 5);
	fold_all(td);
	assert_int_equal(departed_count(td, "user0"), 7);
}

/* Calls of n different ops in a row below each other, of 1 to 2^33 ns. */
static void fill_slot(struct segment_writer *w, struct slot_writer *s,
		      unsigned n, unsigned octaves)
{
	struct latency_node *root = node_of(s, 5, -1);
	struct latency_node *node = root;
	unsigned i, j;

	for (i = 0; i < n; i++) {
		node = slot_node_below(s, i % 200 == 0 ? root : node,
				       LATENCY_FRAME(1 + i / 200 % 7, i % 4));
		for (j = 0; j < octaves; j++) {
			node_record(w, node, (uint64_t)32 << j, 0, 0);
		}
	}
}

/* Dead, with so many shares; how many calls it has counted. */
static uint64_t big_dead_make(const struct test_dir *td, uint64_t id,
			      unsigned shares, unsigned nodes, unsigned octaves)
{
	struct segment_writer *w = segment_make(td, 4194000, id);
	struct segment_image image;
	struct row_sum sum;
	unsigned i;

	for (i = 2; i <= 7; i++) {
		segment_layer(w, (char[]){ (char)('a' + i), '\0' });
	}
	for (i = 0; i < shares; i++) {
		struct slot_writer *s;
		char share[32];

		snprintf(share, sizeof(share), "home%u-%u", (unsigned)id, i);
		s = slot_for(w, share, "anna", "10.0.0.1");
		if (s != NULL) {
			fill_slot(w, s, nodes, octaves);
		}
	}
	segment_close(w);
	image_read(td, segment_name(4194000, id), &image);
	image_sum(&image, &sum);
	segment_image_free(&image);
	return sum.count;
}

/* What was counted is all there, in a file that is not too large. */
static void check_departed(const struct test_dir *td, uint64_t calls)
{
	struct segment_image image;
	struct row_sum sum;
	struct stat st;

	assert_int_equal(test_dir_names(td), 1);
	departed_read(td, &image);
	check_image(&image);
	image_sum(&image, &sum);
	check_consistent(&sum);
	assert_int_equal(sum.count, calls);
	assert_in_range(image.header->slots, 1,
			DEPARTED_SLOTS + DEPARTED_SHARES + 1);
	segment_image_free(&image);
	assert_int_equal(fstatat(td->fd, LATENCY_DEPARTED_NAME, &st, 0), 0);
	assert_in_range(st.st_size, 1, DEPARTED_SIZE);
}

static void test_process_of_many_shares(void **state)
{
	const struct test_dir *td = *state;
	uint64_t calls = big_dead_make(td, 1, 5000, 3, 2);

	fold_all(td);
	check_departed(td, calls);
	/* And again, with others. */
	calls += big_dead_make(td, 2, 1000, 3, 2);
	fold_all(td);
	check_departed(td, calls);
}

static void test_many_home_shares(void **state)
{
	const struct test_dir *td = *state;
	uint64_t id, calls = 0;

	for (id = 1; id <= 300; id++) {
		calls += big_dead_make(td, id, 1, 500, 4);
		if (id % 100 == 0) {
			fold_all(td);
			check_departed(td, calls);
		}
	}
}

static void test_process_that_has_filled_its_segment(void **state)
{
	const struct test_dir *td = *state;
	uint64_t calls = big_dead_make(td, 1, 200, 1400, 20);

	fold_all(td);
	check_departed(td, calls);
}

/* Of those that do not all find room, the most used have it. */
static void test_least_used_are_others(void **state)
{
	const struct test_dir *td = *state;
	char user[32];
	unsigned i;

	for (i = 0; i < DEPARTED_SLOTS + 10; i++) {
		snprintf(user, sizeof(user), "user%u", i);
		dead_make(td, i + 1, user, i < 10 ? 1 : 2);
	}
	fold_all(td);
	assert_int_equal(departed_count(td, "user0"), 0);
	assert_int_equal(departed_count(td, "user10"), 2);
	assert_int_equal(departed_count(td, DEPARTED_OTHERS), 10);

	/* What it counts from now on is more: somebody else's turn. */
	dead_make(td, 1000, "user0", 100);
	fold_all(td);
	assert_int_equal(departed_count(td, "user0"), 100);
	assert_int_equal(departed_count(td, DEPARTED_OTHERS), 12);
}

static void test_other_numbering_is_merged_by_name(void **state)
{
	const struct test_dir *td = *state;
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = 4194000,
		.id = 2,
		.samba_version = "4.16.0",
	};
	struct latency_error error;
	struct segment_writer *w;
	struct slot_writer *s;
	struct segment_image image;
	const struct latency_slot *slot;
	struct row_sum sum;
	uint32_t i;

	dead_make(td, 1, "anna", 3);
	w = segment_create(td->fd, segment_name(4194000, 2), &identity,
			   &error);
	assert_non_null(w);
	segment_op(w, "old_op", LATENCY_CLASS_VOID);
	segment_op(w, "openat", LATENCY_CLASS_ERRNO);
	segment_layer(w, "top");
	segment_layer(w, "latency");
	segment_publish(w);
	s = slot_for(w, "data", "anna", "10.0.0.1");
	node_record(w, slot_node_below(s, node_of(s, 5, -1),
				       LATENCY_FRAME(2, 1)), 500, 0, 0);
	node_record(w, slot_node_below(s, node_of(s, 5, -1),
				       LATENCY_FRAME(1, 0)), 500, 0, 0);
	segment_close(w);
	fold_all(td);

	departed_read(td, &image);
	slot = image_slot(&image, NULL);
	for (i = 2; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(&image, slot, i);
		const char *name = frame_name(image.header, node->frame);
		unsigned layer = LATENCY_FRAME_LAYER(node->frame);

		image_node_sum(&image, node, &sum);
		if (strcmp(name, "openat") == 0) {
			assert_string_equal(image.header->layer[layer].name,
					    "latency");
			assert_int_equal(sum.count, 4);
		} else if (layer != 0) {
			assert_string_equal(name, "old_op");
			assert_string_equal(image.header->layer[layer].name,
					    "top");
			assert_int_equal(sum.count, 1);
		}
	}
	assert_int_equal(slot->nodes, 5);
	segment_image_free(&image);
}

static void test_what_overflowed_stays_overflow(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 4194000, 1);
	struct slot_writer *s = slot_for(w, "data", "anna", "");
	struct segment_image image;

	node_record(w, slot_node(s, LATENCY_NODE_OVERFLOW), 1000, 0, 0);
	segment_close(w);
	fold_all(td);
	departed_read(td, &image);
	assert_int_equal(image_node(&image, image_slot(&image, NULL),
				    LATENCY_NODE_OVERFLOW)->count, 1);
	segment_image_free(&image);
}

static void test_slow_ops_come_behind_those_of_the_departed(void **state)
{
	const struct test_dir *td = *state;
	const struct latency_slow_ring *ring;
	struct segment_image image;
	uint64_t id;
	unsigned i;

	for (id = 1; id <= 3; id++) {
		struct segment_writer *w = segment_make(td, 4194000, id);
		struct slot_writer *s = slot_for(w, "data", "anna", "");
		struct latency_slow_ring *to = segment_slow_ring(w);

		for (i = 0; i < 100; i++) {
			struct latency_slow *slow =
				&to->entry[i % LATENCY_SLOW_ENTRIES];

			slow->number = ++to->written;
			slow->frame = OP_FRAME(PREAD);
			slow->root = LATENCY_FRAME(0, 8);
			slow->slot = s->line;
			slow->message_id = 1000 * id + i;
		}
		segment_close(w);
		fold_all(td);
	}
	departed_read(td, &image);
	ring = image_at(&image, image.header->slow_ring);
	assert_int_equal(ring->written, 300);
	for (i = 300 - LATENCY_SLOW_ENTRIES; i < 300; i++) {
		const struct latency_slow *slow =
			&ring->entry[i % LATENCY_SLOW_ENTRIES];

		assert_int_equal(slow->number, i + 1);
		assert_int_equal(slow->message_id,
				 1000 * (1 + i / 100) + i % 100);
	}
	segment_image_free(&image);
}

/* ------------------------------ interruptions ---------------------------- */

/* Folds this segment, as if the last step, its removal, had not been made. */
static void fold_but_unlink(const struct test_dir *td, uint64_t id)
{
	const char *aside = "aside";

	assert_int_equal(linkat(td->fd, segment_name(4194000, id),
				td->fd, aside, 0), 0);
	fold_all(td);
	assert_int_equal(renameat(td->fd, aside, td->fd,
				  segment_name(4194000, id)), 0);
}

static void test_reader_between_rename_and_unlink_counts_once(void **state)
{
	const struct test_dir *td = *state;

	dead_make(td, 1, "anna", 3);
	fold_but_unlink(td, 1);
	assert_int_equal(count_as_is(td), 3);
	fold_all(td);
	assert_int_equal(count_as_is(td), 3);
	assert_int_equal(test_dir_names(td), 1);
}

/*
 * Counted and not removed, and the next fold cannot remove it either: here it
 * seems to have an owner, as also where asking for one fails.
 */
static void test_counted_that_cannot_be_removed_counts_once(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;
	int owner;

	dead_make(td, 1, "anna", 3);
	fold_but_unlink(td, 1);
	owner = segment_open(td->fd, segment_name(4194000, 1), O_RDWR, &error);
	assert_true(segment_own(owner));
	dead_make(td, 2, "anna", 10);
	fold_all(td);
	assert_int_equal(count_as_is(td), 13);
	dead_make(td, 3, "anna", 100);
	fold_all(td);
	assert_int_equal(count_as_is(td), 113);
	close(owner);
	assert_int_equal(count_as_is(td), 113);
	fold_all(td);
	assert_int_equal(count_as_is(td), 113);
	assert_int_equal(test_dir_names(td), 1);
}

static void test_left_over_new_file_is_made_anew(void **state)
{
	const struct test_dir *td = *state;
	int fd = openat(td->fd, LATENCY_DEPARTED_NEW_NAME,
			O_RDWR | O_CREAT, 0600);

	assert_int_equal(write(fd, "half", 4), 4);
	close(fd);
	dead_make(td, 1, "anna", 3);
	fold_all(td);
	assert_int_equal(count_as_is(td), 3);
	assert_int_equal(test_dir_names(td), 1);
}

/*
 * Lets a child fold and kills it when it enters its n-th system call. Returns
 * false if it was done before that.
 */
static bool fold_until_call(const struct test_dir *td, unsigned n)
{
	struct latency_error error;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
			_exit(99);
		}
		raise(SIGSTOP);
		_exit(segment_fold_all(td->fd, &error) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 99);
		skip();
	}
	/* A call stops the child twice: going in and coming out. */
	for (n = 2 * n - 1; n > 0; n--) {
		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		if (WIFEXITED(status)) {
			assert_int_equal(WEXITSTATUS(status), 0);
			return false;
		}
		assert_true(WIFSTOPPED(status));
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return true;
}

static void test_killed_at_any_system_call(void **state)
{
	const struct test_dir *td = *state;
	unsigned n;
	bool interrupted = true;

	for (n = 1; interrupted; n++) {
		test_dir_empty(td);
		dead_make(td, 1, "anna", 1);
		fold_all(td);
		dead_make(td, 2, "anna", 10);
		dead_make(td, 3, "bert", 100);

		interrupted = fold_until_call(td, n);
		assert_int_equal(count_as_is(td), 111);
		/* Interrupted again, somewhere else. */
		fold_until_call(td, n / 2 + 1);
		assert_int_equal(count_as_is(td), 111);
		fold_all(td);
		assert_int_equal(count_as_is(td), 111);
		assert_int_equal(test_dir_names(td), 1);
		assert_int_equal(departed_count(td, "anna"), 11);
	}
	/* There is more to it than open, rename and unlink. */
	assert_true(n > 10);
}

/* Makes a segment with one call, with a pid that nobody has here. */
static void make_as_in_a_container(const struct test_dir *td)
{
	raise(SIGSTOP);
	dead_make(td, 7, "anna", 1);
	pause();
}

/* Stopped at any system call while it is made, it is not taken for dead. */
static void test_segment_being_made_is_left_alone(void **state)
{
	const struct test_dir *td = *state;
	bool named = false;
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
			_exit(99);
		}
		make_as_in_a_container(td);
		_exit(1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status)) {
		skip();
	}
	/* Until it has its name and, when it is closed, is folded. */
	while (!named || faccessat(td->fd, segment_name(4194000, 7), F_OK,
				   0) == 0) {
		bool was = named;
		struct latency_error error;

		assert_int_equal(ptrace(PTRACE_SYSCALL, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSTOPPED(status));
		named = named || faccessat(td->fd, segment_name(4194000, 7),
					   F_OK, 0) == 0;
		if (named != was) {
			struct segment_image image;

			assert_int_not_equal(
				segment_read(td->fd,
					     segment_name(4194000, 7), &image,
					     &error), SEGMENT_BAD);
		}
		fold_all(td);
	}
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(departed_count(td, "anna"), 1);
}

static void test_left_over_of_making_is_removed(void **state)
{
	const struct test_dir *td = *state;
	const struct timespec long_ago[2] = { { 1, 0 }, { 1, 0 } };
	const char *name = "smbd-5-0000000000000005.segment.new";

	close(openat(td->fd, name, O_RDWR | O_CREAT, 0600));
	fold_all(td);
	assert_int_equal(faccessat(td->fd, name, F_OK, 0), 0);
	assert_int_equal(utimensat(td->fd, name, long_ago, 0), 0);
	dead_make(td, 1, "anna", 1);
	fold_all(td);
	assert_int_equal(faccessat(td->fd, name, F_OK, 0), -1);
}

/* Its smbd died when it had a name, but was not yet published. */
static void test_unpublished_of_the_dead_is_removed(void **state)
{
	const struct test_dir *td = *state;
	const char *name = segment_name(5, 5);
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = 5,
		.id = 5,
		.samba_version = "4.17.12",
	};
	struct latency_error error = { "" };
	struct segment_writer *w = segment_create(td->fd, name, &identity,
						  &error);
	struct segment_image image;

	assert_non_null(w);
	segment_close(w);
	assert_int_equal(segment_read(td->fd, name, &image, &error),
			 SEGMENT_UNFINISHED);
	fold_all(td);
	assert_int_equal(faccessat(td->fd, name, F_OK, 0), -1);
	/* What was truncated is named. */
	w = segment_create(td->fd, name, &identity, &error);
	assert_non_null(w);
	assert_int_equal(ftruncate(w->fd, 0), 0);
	segment_close(w);
	assert_int_equal(segment_read(td->fd, name, &image, &error),
			 SEGMENT_BAD);
	fold_all(td);
	assert_int_equal(faccessat(td->fd, name, F_OK, 0), 0);
}

static void test_no_room_changes_nothing(void **state)
{
	const struct test_dir *td = *state;
	int status;
	pid_t pid;

	dead_make(td, 1, "anna", 3);
	fold_all(td);
	dead_make(td, 2, "anna", 4);
	pid = fork();
	if (pid == 0) {
		const struct rlimit limit = { 12288, 12288 };
		struct latency_error error = { "" };

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(!segment_fold_all(td->fd, &error) &&
		      strstr(error.text, "no room") != NULL ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(count_as_is(td), 7);
	assert_int_equal(test_dir_names(td), 2);
	fold_all(td);
	assert_int_equal(departed_count(td, "anna"), 7);
}

/* ------------------------------- fold_some ------------------------------- */

/* The pid of a process that has just ended. */
static uint32_t ended_pid(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		_exit(0);
	}
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	return (uint32_t)pid;
}

static void fold_cheap(const struct test_dir *td)
{
	struct latency_error error;

	assert_true(segment_fold_some(td->fd, true, &error));
}

static void test_some_are_folded_in_passing(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, ended_pid(), 1);
	struct slot_writer *s = slot_for(w, "data", "anna", "");

	node_record(w, node_of(s, 5, OPENAT), 1000, 0, 0);
	segment_close(w);
	fold_cheap(td);
	assert_int_equal(test_dir_names(td), 1);
	assert_int_equal(departed_count(td, "anna"), 1);
}

static void test_some_waits_for_nobody(void **state)
{
	const struct test_dir *td = *state;
	int other;

	segment_close(segment_make(td, ended_pid(), 1));
	other = segment_dir_lock(td->fd, false, 0);
	assert_int_not_equal(other, -1);
	fold_cheap(td);
	assert_int_equal(test_dir_names(td), 1);
	assert_int_equal(faccessat(td->fd, LATENCY_DEPARTED_NAME, F_OK,
				   0), -1);
	segment_dir_unlock(other);
}

static void test_some_only_now_and_then(void **state)
{
	const struct test_dir *td = *state;

	fold_all(td);
	segment_close(segment_make(td, ended_pid(), 1));
	fold_cheap(td);
	assert_int_equal(test_dir_names(td), 2);
}

static void test_who_connects_leaves_what_takes_long(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	big_dead_make(td, 1, 1, 1400, 8);
	fold_cheap(td);
	assert_int_equal(test_dir_names(td), 1);
	assert_int_equal(faccessat(td->fd, LATENCY_DEPARTED_NAME, F_OK,
				   0), -1);
	/* It is the turn of who ends, at once. */
	assert_true(segment_fold_some(td->fd, false, &error));
	assert_int_equal(faccessat(td->fd, LATENCY_DEPARTED_NAME, F_OK,
				   0), 0);
	assert_int_equal(test_dir_names(td), 1);
}

/* Looking at each segment takes time as well. */
static void test_who_connects_leaves_what_is_many(void **state)
{
	const struct test_dir *td = *state;
	uint64_t id;

	for (id = 1; id <= 300; id++) {
		segment_close(segment_make(td, 4194000, id));
	}
	fold_cheap(td);
	assert_int_equal(test_dir_names(td), 300);
}

/* Who finds that it fails says so; nobody else tries for a while. */
static void test_after_a_failure_nobody_tries(void **state)
{
	const struct test_dir *td = *state;
	int status;
	pid_t pid;

	dead_make(td, 1, "anna", 3);
	pid = fork();
	if (pid == 0) {
		const struct rlimit limit = { 12288, 12288 };
		struct latency_error error = { "" };

		signal(SIGXFSZ, SIG_IGN);
		setrlimit(RLIMIT_FSIZE, &limit);
		_exit(!segment_fold_some(td->fd, true, &error) &&
		      strstr(error.text, "no room") != NULL &&
		      segment_fold_some(td->fd, true, &error) ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	fold_cheap(td);
	assert_int_equal(faccessat(td->fd, segment_name(4194000, 1), F_OK,
				   0), 0);
	assert_int_equal(count_as_is(td), 3);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, test_dir_make, \
					test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_dead_become_departed),
		TEST(test_tree_connects_are_added),
		TEST(test_unmeasured_are_added),
		TEST(test_living_is_never_folded),
		TEST(test_unfinished_of_the_living_stays),
		TEST(test_damaged_departed_are_set_aside),
		TEST(test_departed_of_another_format_are_set_aside),
		TEST(test_repeated_folding_changes_nothing),
		TEST(test_many_dead),
		TEST(test_users_beyond_the_limit_are_others),
		TEST(test_process_of_many_shares),
		TEST(test_many_home_shares),
		TEST(test_process_that_has_filled_its_segment),
		TEST(test_least_used_are_others),
		TEST(test_other_numbering_is_merged_by_name),
		TEST(test_what_overflowed_stays_overflow),
		TEST(test_slow_ops_come_behind_those_of_the_departed),
		TEST(test_reader_between_rename_and_unlink_counts_once),
		TEST(test_counted_that_cannot_be_removed_counts_once),
		TEST(test_left_over_new_file_is_made_anew),
		TEST(test_killed_at_any_system_call),
		TEST(test_segment_being_made_is_left_alone),
		TEST(test_left_over_of_making_is_removed),
		TEST(test_unpublished_of_the_dead_is_removed),
		TEST(test_no_room_changes_nothing),
		TEST(test_some_are_folded_in_passing),
		TEST(test_some_waits_for_nobody),
		TEST(test_some_only_now_and_then),
		TEST(test_who_connects_leaves_what_takes_long),
		TEST(test_who_connects_leaves_what_is_many),
		TEST(test_after_a_failure_nobody_tries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
