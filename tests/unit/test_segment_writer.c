/*
 * The writer of a segment: what it claims, what it does when there is no room.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "segment_dir.h"
#include "unit.h"

#define PID 4194000
#define ID 7

static struct slot_writer *slot_of(struct segment_writer *w, const char *user)
{
	return slot_for(w, "data", user, "10.0.0.1");
}

/* Files cannot grow beyond so many bytes: posix_fallocate() fails. */
static void limit_files(rlim_t bytes)
{
	struct rlimit limit = { bytes, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static int unlimit_files(void **state)
{
	limit_files(RLIM_INFINITY);
	return test_dir_remove(state);
}

static void the_file_is_private_and_owned(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, PID, ID);
	int fd = openat(td->fd, segment_name(PID, ID), O_RDONLY);
	struct stat st;

	assert_int_equal(fstat(fd, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(segment_owned(fd));
	segment_close(w);
	assert_false(segment_owned(fd));
	close(fd);
}

static void a_name_is_made_only_once(void **state)
{
	const struct test_dir *td = *state;
	const struct segment_identity identity = { .samba_version = "4" };
	struct segment_writer *w = segment_make(td, PID, ID);
	struct latency_error error = { "" };

	assert_null(segment_create(td->fd, segment_name(PID, ID),
				   &identity, &error));
	assert_non_null(strstr(error.text, segment_name(PID, ID)));
	assert_non_null(strstr(error.text, strerror(EEXIST)));
	segment_close(w);
}

static void it_cannot_be_read_before_it_is_published(void **state)
{
	const struct test_dir *td = *state;
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = PID,
		.id = ID,
		.samba_version = "4.17.12",
	};
	struct latency_error error = { "" };
	struct segment_image image;
	struct segment_writer *w = segment_create(
		td->fd, segment_name(PID, ID), &identity, &error);

	assert_non_null(w);
	assert_int_not_equal(segment_read(td->fd, segment_name(PID, ID),
					  &image, &error), SEGMENT_GOOD);
	segment_publish(w);
	image_read(td, segment_name(PID, ID), &image);
	segment_image_free(&image);
	segment_close(w);
}

static void ops_and_layers_keep_their_numbers(void **state)
{
	struct segment_writer *w = segment_make(*state, PID, ID);
	char name[16];
	int i;

	assert_int_equal(segment_op(w, "pwrite", LATENCY_CLASS_BYTES), PWRITE);
	for (i = CLOSE + 1; i < LATENCY_MAX_OPS; i++) {
		snprintf(name, sizeof(name), "op%d", i);
		assert_int_equal(segment_add_op(w, name, 0), i);
	}
	assert_int_equal(segment_op(w, "one more", 0), -1);
	assert_int_equal(segment_op(w, "op77", 0), 77);

	for (i = 2; i < LATENCY_MAX_LAYERS; i++) {
		snprintf(name, sizeof(name), "layer%d", i);
		assert_int_equal(segment_layer(w, name), i);
	}
	assert_int_equal(segment_layer(w, "one more"), -1);
	assert_int_equal(segment_layer(w, "latency"), 1);
	segment_close(w);
}

static void a_slot_is_used_again_for_the_same_key_only(void **state)
{
	struct segment_writer *w = segment_make(*state, PID, ID);
	struct slot_writer *first = slot_of(w, "alice");

	assert_ptr_not_equal(slot_of(w, "bob"), first);
	/* Still connected: a second tree connect has a slot of its own. */
	assert_ptr_not_equal(slot_of(w, "alice"), first);
	slot_disconnected(first);
	assert_ptr_not_equal(slot_of(w, "carol"), first);
	assert_ptr_equal(slot_of(w, "alice"), first);
	assert_int_equal(first->slot->tree_connects, 2);
	assert_int_equal(first->slot->connected, 1);
	segment_close(w);
}

static void a_node_is_found_again_and_overflows_at_last(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, PID, ID);
	struct slot_writer *s = slot_of(w, "alice");
	const struct latency_node *top = slot_node(s, LATENCY_NODE_TOP);
	const struct latency_node *overflow = slot_node(s,
							LATENCY_NODE_OVERFLOW);
	struct latency_node *node[LATENCY_MAX_NODES];
	struct segment_image image;
	unsigned i;

	/* A tree in which each op calls all four. */
	node[2] = node_of(s, 5, -1);
	for (i = 3; i < LATENCY_MAX_NODES; i++) {
		const struct latency_node *parent = node[(i - 3) / 4 + 2];

		node[i] = slot_node_below(s, parent, OP_FRAME((i - 3) % 4));
		assert_int_equal(node[i]->number, i);
		assert_int_equal(node[i]->parent, parent->number);
	}
	assert_ptr_equal(slot_node_below(s, top, LATENCY_FRAME(0, 6)),
			 overflow);
	assert_ptr_equal(slot_node_below(s, overflow, OP_FRAME(OPENAT)),
			 overflow);
	for (i = 2; i < LATENCY_MAX_NODES; i++) {
		assert_ptr_equal(node[i], slot_node_below(
			s, slot_node(s, node[i]->parent), node[i]->frame));
	}
	image_read(td, segment_name(PID, ID), &image);
	check_image(&image);
	segment_image_free(&image);
	segment_close(w);
}

/* Errors of more codes than there are lines for: none is lost. */
static void errors_overflow_into_unknown(void **state)
{
	const struct test_dir *td = *state;
	const unsigned room = 1 + 3 * LATENCY_MAX_ERROR_LINES;
	struct segment_writer *w = segment_make(td, PID, ID);
	struct latency_node *node = node_of(slot_of(w, "alice"), 5, OPENAT);
	struct segment_image image;
	struct row_sum sum;
	uint32_t code;

	for (code = 1; code <= room + 5; code++) {
		node_record(w, node, 1000, 0, code);
		node_record(w, node, 1000, 0, code);
	}
	assert_int_equal(node->error_unknown, 10);
	image_read(td, segment_name(PID, ID), &image);
	image_sum(&image, &sum);
	assert_int_equal(sum.count, 2 * (room + 5));
	assert_int_equal(sum.errors, sum.count);
	segment_image_free(&image);
	segment_close(w);
}

/* The short way of counting adds up to the same as the long one. */
static void usual_calls_count_like_others(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, PID, ID);
	struct slot_writer *s = slot_of(w, "alice");
	struct latency_node *node = node_of(s, 5, OPENAT);
	struct node_writer quick = { .node = node_of(s, 6, OPENAT) };
	struct random random = { 99 };
	unsigned usual = 0;
	int i;

	for (i = 0; i < 100000; i++) {
		uint64_t ns = random_ns(&random, 38);
		uint64_t bytes = i < 1000 ? 0 : random_ns(&random, 26);

		node_record(w, node, ns, bytes, 0);
		if (node_is_usual(&quick, ns, bytes)) {
			node_count(&quick, ns, bytes);
			usual++;
		} else {
			node_record(w, quick.node, ns, bytes, 0);
			node_writer_update(w, &quick, ns, HIST_MAX_NS);
		}
	}
	assert_true(usual > 90000);
	assert_int_equal(quick.node->count, node->count);
	assert_int_equal(quick.node->total_ns, node->total_ns);
	assert_int_equal(quick.node->min_ns, node->min_ns);
	assert_int_equal(quick.node->max_ns, node->max_ns);
	assert_int_equal(quick.node->bytes, node->bytes);
	assert_memory_equal(lines_at(w, quick.node->sizes),
			    lines_at(w, node->sizes),
			    sizeof(struct latency_sizes));
	for (i = 0; i < (int)HIST_OCTAVES; i++) {
		assert_memory_equal(
			w->base + (size_t)node->octave[i] * LATENCY_LINE,
			w->base + (size_t)quick.node->octave[i] * LATENCY_LINE,
			LATENCY_LINE);
	}
	segment_close(w);
}

static void a_full_disk_costs_counts_and_nothing_else(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, PID, ID);
	struct slot_writer *s = slot_of(w, "alice");
	struct latency_node *node = node_of(s, 5, OPENAT);
	struct segment_image image;
	struct row_sum sum;
	enum { REQUESTS = 16 };
	uint64_t unmeasured;
	unsigned request;
	uint64_t ns;

	limit_files((rlim_t)w->reserved * LATENCY_LINE);
	errno = 77;
	for (request = 5; request < 5 + REQUESTS; request++) {
		for (ns = 1; ns < HIST_MAX_NS / 2; ns *= 2) {
			node_record(w, node_of(s, request, OPENAT), ns, 0, 0);
			node_record(w, node, ns, 0, (uint32_t)ns % 97);
		}
	}
	while (slot_of(w, "bob") != NULL) {
		;
	}
	assert_int_equal(errno, 77);
	assert_int_equal(w->full, EFBIG);
	assert_true(w->header->unmeasured > 0);
	assert_true(node->count > 0);
	image_read(td, segment_name(PID, ID), &image);
	image_sum(&image, &sum);
	assert_int_equal(sum.count + w->header->unmeasured, REQUESTS * 2 * 36);
	segment_image_free(&image);

	/* There is room again; it is looked for when somebody says so. */
	limit_files(RLIM_INFINITY);
	unmeasured = w->header->unmeasured;
	node_record(w, node, HIST_MAX_NS, 0, 0);
	assert_int_equal(w->header->unmeasured, unmeasured + 1);
	w->full = 0;
	node_record(w, node, HIST_MAX_NS, 0, 0);
	assert_int_equal(w->header->unmeasured, unmeasured + 1);
	assert_int_equal(node->max_ns, HIST_MAX_NS);
	segment_close(w);
}

static void without_room_no_segment_is_left_behind(void **state)
{
	const struct test_dir *td = *state;
	const struct segment_identity identity = { .samba_version = "4" };
	struct latency_error error = { "" };

	limit_files(4096);
	assert_null(segment_create(td->fd, segment_name(PID, ID),
				   &identity, &error));
	assert_non_null(strstr(error.text, "no room"));
	assert_int_equal(test_dir_names(td), 0);
}

/* Overwrites what somebody may, in the lines that are backed. */
static void scribble(struct segment_writer *w, struct random *random)
{
	unsigned n = 200;

	while (n-- > 0) {
		size_t at = random_next(random) %
			((size_t)w->used * LATENCY_LINE - 8);
		uint64_t bits = random_next(random);

		/* Numbers of lines are small: they are tried as well. */
		bits >>= random_next(random) % 2 * 48;
		memcpy(w->base + at, &bits, 1 + random_next(random) % 8);
	}
}

/* Whoever is root may write anything: the writer follows none of it. */
static void garbage_in_the_segment_is_not_followed(void **state)
{
	struct random random = { 31 };
	struct segment_writer *w = segment_make(*state, PID, ID);
	struct slot_writer *s = slot_of(w, "alice");
	struct node_writer quick[8];
	unsigned i, round;

	for (i = 0; i < 8; i++) {
		quick[i] = (struct node_writer){
			.node = node_of(s, i / 2, (int)(i % 2)),
		};
	}
	for (round = 0; round < 3000; round++) {
		struct node_writer *n = &quick[random_next(&random) % 8];
		uint64_t ns = random_ns(&random, 36);
		char name[16];

		if (round % 10 == 0) {
			scribble(w, &random);
		}
		if (node_is_usual(n, ns, 1)) {
			node_count(n, ns, 1);
		} else {
			node_record(w, n->node, ns, 1,
				    (uint32_t)(random_next(&random) % 60));
			node_writer_update(w, n, ns, HIST_MAX_NS);
		}
		slot_node_below(s, n->node, OP_FRAME(round % 200));
		slot_root_frame(s, n->node);
		snprintf(name, sizeof(name), "%u", round / 10);
		segment_layer(w, name);
		segment_op(w, name, LATENCY_CLASS_ERRNO);
		assert_non_null(segment_slow_ring(w));
		slot_disconnected(slot_of(w, name));
	}
	segment_close(w);
}

/* Waits for a child to stop; skips the test if it cannot be traced. */
static int status_of_traced(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status)) {
		assert_int_equal(WEXITSTATUS(status), 99);
		skip();
	}
	return status;
}

/* Stopped before the count is raised, its error is not ahead of its call. */
static void an_error_is_counted_with_its_call(void **state)
{
	struct segment_writer *w = segment_make(*state, PID, ID);
	struct slot_writer *s = slot_of(w, "alice");
	struct node_writer n = { .node = node_of(s, 5, OPENAT) };
	pid_t pid;
	int status;

	node_record(w, n.node, 1000, 0, ENOENT);
	node_writer_update(w, &n, 1000, HIST_MAX_NS);
	pid = fork();
	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
			_exit(99);
		}
		raise(SIGSTOP);
		node_count_result(&n, 1000, 0, true);
		node_record(w, n.node, 1000, 0, ENOENT);
		_exit(0);
	}
	status = status_of_traced(pid);
	while (WIFSTOPPED(status)) {
		uint64_t bucket = n.group[hist_highest_bit(1000) -
					  HIST_FIRST_BITS]
			[(1000u << HIST_SUB_BITS) >> hist_highest_bit(1000)];

		assert_true(n.node->error_count <= bucket);
		assert_true(n.node->count <= n.node->error_count);
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	assert_int_equal(status, 0);
	assert_int_equal(n.node->count, 3);
	segment_close(w);
}

/* A reader sees a layer's name as a whole or not at all. */
static void a_layer_appears_with_its_whole_name(void **state)
{
	const char *whole = "a-name-of-several-words";
	struct segment_writer *w = segment_make(*state, PID, ID);
	const char *name = w->header->layer[2].name;
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0) {
			_exit(99);
		}
		raise(SIGSTOP);
		segment_layer(w, whole);
		_exit(0);
	}
	status = status_of_traced(pid);
	while (WIFSTOPPED(status)) {
		assert_true(name[0] == '\0' || strcmp(name, whole) == 0);
		assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
	}
	assert_int_equal(status, 0);
	assert_string_equal(name, whole);
	segment_close(w);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, test_dir_make, \
					test_dir_remove)
#define TEST_LIMITED(function) \
	cmocka_unit_test_setup_teardown(function, test_dir_make, unlimit_files)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_file_is_private_and_owned),
		TEST(a_name_is_made_only_once),
		TEST(it_cannot_be_read_before_it_is_published),
		TEST(ops_and_layers_keep_their_numbers),
		TEST(a_slot_is_used_again_for_the_same_key_only),
		TEST(a_node_is_found_again_and_overflows_at_last),
		TEST(errors_overflow_into_unknown),
		TEST(usual_calls_count_like_others),
		TEST(garbage_in_the_segment_is_not_followed),
		TEST(an_error_is_counted_with_its_call),
		TEST(a_layer_appears_with_its_whole_name),
		TEST_LIMITED(a_full_disk_costs_counts_and_nothing_else),
		TEST_LIMITED(without_room_no_segment_is_left_behind),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
