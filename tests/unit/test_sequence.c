/*
 * Copies of what another process writes are consistent, whenever they are
 * taken and whenever the writer dies.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "sequence.h"
#include "unit.h"

#define ID 3u
#define COPIES 10000u
#define KILLS 100u

/* How far the writer has come: shared with it. */
struct progress {
	uint64_t started;		/* calls whose recording has begun */
	uint64_t done;			/* calls that are recorded */
};

static struct progress *progress_make(void)
{
	struct progress *p = mmap(NULL, sizeof(*p), PROT_READ | PROT_WRITE,
				  MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	assert_ptr_not_equal(p, MAP_FAILED);
	return p;
}

/*
 * Counts for ever, in few nodes that hit all octaves, a byte with each call,
 * and lets some time pass after it.
 */
static void write_calls(struct segment_writer *w, struct slot_writer *s,
			struct progress *p, unsigned pause)
{
	struct random random = { 31 };
	struct latency_node *node[4];
	volatile unsigned i;

	for (i = 0; i < 4; i++) {
		node[i] = node_of(s, 5, (int)i);
	}
	for (;;) {
		uint64_t r = random_next(&random);

		word_add(&p->started, 1);
		node_record(w, node[r % 4], random_ns(&random, 38), 1,
			    r % 16 == 0 ? 1 + (uint32_t)(r >> 8) % 8 : 0);
		word_add(&p->done, 1);
		for (i = 0; i < pause; i++) {
			;
		}
	}
}

static void write_for_ever(struct segment_writer *w, struct slot_writer *s,
			   struct progress *p)
{
	write_calls(w, s, p, 0);
}

/* Not so often that nobody could ever copy a node between two calls. */
static void write_with_pauses(struct segment_writer *w, struct slot_writer *s,
			      struct progress *p)
{
	write_calls(w, s, p, 2000);
}

/* Starts a writer, and waits until it has begun to count. */
static pid_t writer_start(const struct test_dir *td, struct progress *p,
			  void (*run)(struct segment_writer *,
				      struct slot_writer *, struct progress *))
{
	pid_t pid = fork();

	if (pid == 0) {
		struct segment_writer *w;

		/* Also if a test fails that would have killed it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		w = segment_make(td, 4194000, ID);
		run(w, slot_for(w, "data", "anna", "10.0.0.1"), p);
	}
	while (word_read(&p->done) == 0) {
		assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	}
	return pid;
}

static void writer_kill(pid_t pid)
{
	kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void check_not_below(const struct row_sum *now,
			    const struct row_sum *before)
{
	unsigned i;

	assert_true(now->count >= before->count);
	assert_true(now->total_ns >= before->total_ns);
	assert_true(now->min_ns <= before->min_ns);
	assert_true(now->max_ns >= before->max_ns);
	assert_true(now->bytes >= before->bytes);
	assert_true(now->errors >= before->errors);
	for (i = 0; i < HIST_BUCKETS; i++) {
		assert_true(now->histogram[i] >= before->histogram[i]);
	}
}

static void test_ten_thousand_copies_of_a_busy_segment(void **state)
{
	const struct test_dir *td = *state;
	struct progress *p = progress_make();
	pid_t pid = writer_start(td, p, write_with_pauses);
	struct row_sum before[8], sum;
	unsigned copies, torn = 0;
	uint32_t i;

	for (i = 0; i < 8; i++) {
		row_sum_init(&before[i]);
	}
	for (copies = 0; copies < COPIES; copies++) {
		struct segment_image image;
		const struct latency_slot *slot;

		image_read(td, segment_name(4194000, ID), &image);
		slot = image_slot(&image, NULL);
		assert_in_range(slot->nodes, 7, 8);
		for (i = 0; i < slot->nodes; i++) {
			image_node_sum(&image, image_node(&image, slot, i),
				       &sum);
			check_consistent(&sum);
			check_not_below(&sum, &before[i]);
			before[i] = sum;
			torn += sum.bytes != sum.count;
		}
		segment_image_free(&image);
	}
	/* It may lose its CPU for long in the middle of a call. */
	assert_in_range(torn, 0, COPIES / 100);
	writer_kill(pid);
	munmap(p, sizeof(*p));
}

static void test_killed_at_random_moments(void **state)
{
	const struct test_dir *td = *state;
	struct progress *p = progress_make();
	struct random random = { 33 };
	unsigned kills;

	for (kills = 0; kills < KILLS; kills++) {
		struct timespec some = { 0, random_ns(&random, 20) };
		struct segment_image image;
		struct row_sum sum;
		pid_t pid;

		memset(p, 0, sizeof(*p));
		pid = writer_start(td, p, write_for_ever);
		nanosleep(&some, NULL);
		writer_kill(pid);
		image_read(td, segment_name(4194000, ID), &image);
		assert_false(image.owned);
		check_image(&image);
		image_sum(&image, &sum);
		assert_in_range(sum.count, p->done, p->started);
		segment_image_free(&image);
		test_dir_empty(td);
	}
	munmap(p, sizeof(*p));
}

/* Forks a child that records calls, traced, stopped before it does so. */
static pid_t traced_start(struct segment_writer *w, struct slot_writer *s,
			  struct progress *p)
{
	struct latency_node *node = node_of(s, 5, OPENAT);
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
			_exit(99);
		}
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		raise(SIGSTOP);
		node_record(w, node, 5000, 3, 0);	/* known octave */
		word_add(&p->done, 1);
		node_record(w, node, 70, 3, 13); /* new octave, minimum */
		word_add(&p->done, 1);
		node_record(w, node, 1000000, 3, 28);	/* new maximum, error */
		word_add(&p->done, 1);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 99);
		skip();
	}
	return pid;
}

static void test_every_instruction_of_an_update(void **state)
{
	const struct test_dir *td = *state;
	struct progress *p = progress_make();
	struct segment_writer *w = segment_make(td, 4194000, ID);
	struct slot_writer *s = slot_for(w, "data", "anna", "");
	uint64_t before = 1;
	unsigned busy = 0;
	int status;
	pid_t pid;

	node_record(w, node_of(s, 5, OPENAT), 5000, 3, 0);
	pid = traced_start(w, s, p);
	while (p->done < 3) {
		struct segment_image image;
		struct row_sum sum;

		assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL),
				 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		assert_true(WIFSTOPPED(status));
		image_read(td, segment_name(4194000, ID), &image);
		check_image(&image);
		image_sum(&image, &sum);
		assert_in_range(sum.count, 1 + p->done, 2 + p->done);
		assert_true(sum.count >= before);
		before = sum.count;
		busy += node_of(s, 5, OPENAT)->count < sum.count;
		segment_image_free(&image);
	}
	assert_int_equal(before, 4);
	/* Else nothing has been tried. */
	assert_true(busy > 10);
	writer_kill(pid);
	segment_close(w);
	munmap(p, sizeof(*p));
}

static void test_busy_for_ever_is_told(void **state)
{
	_Alignas(8) struct latency_seq seq[2] = { { 1 }, { 7 } };
	_Alignas(8) struct latency_seq copy[2];

	(void)state;
	assert_false(seq_read(seq, copy, sizeof(seq)));
	seq[0].count = 2;
	assert_true(seq_read(seq, copy, sizeof(seq)));
	assert_int_equal(copy[1].count, 7);
}

static bool third_time(void *private_data)
{
	unsigned *times = private_data;

	return ++*times == 3;
}

static void test_read_again_until_it_succeeds(void **state)
{
	unsigned times = 0;

	(void)state;
	assert_true(read_again(third_time, &times));
	assert_int_equal(times, 3);
}

/* Two words that are always equal, when read as a whole. */
struct twins {
	struct latency_seq seq;
	uint32_t reserved;
	uint64_t word[2];
};

static void test_copies_of_what_changes_all_the_time(void **state)
{
	struct twins *twins = mmap(NULL, sizeof(*twins), PROT_READ | PROT_WRITE,
				   MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct twins copy;
	uint64_t before = 0;
	unsigned changes = 0;
	pid_t pid;

	(void)state;
	assert_ptr_not_equal(twins, MAP_FAILED);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;) {
			seq_write_begin(&twins->seq);
			word_add(&twins->word[0], 1);
			word_add(&twins->word[1], 1);
			seq_write_end(&twins->seq);
		}
	}
	while (changes < COPIES) {
		if (!seq_read(&twins->seq, &copy, sizeof(copy))) {
			/* Its CPU was taken away for long. */
			continue;
		}
		assert_int_equal(copy.word[0], copy.word[1]);
		assert_true(copy.word[0] >= before);
		changes += copy.word[0] > before;
		before = copy.word[0];
	}
	writer_kill(pid);
	munmap(twins, sizeof(*twins));
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, test_dir_make, \
					test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_ten_thousand_copies_of_a_busy_segment),
		TEST(test_killed_at_random_moments),
		TEST(test_every_instruction_of_an_update),
		TEST(test_busy_for_ever_is_told),
		TEST(test_read_again_until_it_succeeds),
		TEST(test_copies_of_what_changes_all_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
