/*
 * A reader, which may be smbd itself while it folds, meets what somebody
 * planted, or what a broken disk made of a segment: it neither crashes nor
 * believes it.
 *
 * In: HOSTILE_ROUNDS, how many rounds of each way to fuzz, from 10 [1000]. Each
 * reads and sums up thousands of nodes: a thousand take a minute of a CPU, and
 * with sanitizers several.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#else
#define __sanitizer_set_death_callback(callback) ((void)(callback))
#endif

#include "connection_writer.h"
#include "context_tree.h"
#include "coverage.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "slow_ops.h"
#include "table.h"
#include "unit.h"
#include "wall_time.h"

#define PID 4194000u		/* of nobody: above the usual pid_max */
#define ID 7u
#define WHOLE 5			/* one round of so many folds and sums, too */

/* A good segment as bytes, to be spoilt. */
struct good {
	unsigned char *data;
	size_t size;
	struct segment_image image;
};

static struct good good;

#define ENOUGH_ROUNDS 1000	/* for some to be good ones */

static unsigned rounds = ENOUGH_ROUNDS;	/* of each way to fuzz */

/* Which round of fuzzing this is: with it a failure can be had again. */
static char note[64];

static void note_print(void)
{
	if (note[0] != '\0') {
		print_message("in: %s\n", note);
		note[0] = '\0';
	}
}

static void slow_op_add(struct segment_writer *w, struct slot_writer *s,
			const char *path)
{
	struct latency_slow_ring *ring = segment_slow_ring(w);
	struct latency_slow *slow;

	assert_non_null(ring);
	slow = &ring->entry[ring->written % LATENCY_SLOW_ENTRIES];
	slow->number = ++ring->written;
	slow->frame = OP_FRAME(OPENAT);
	slow->root = LATENCY_FRAME(0, 5);
	slow->realtime_ns = ring->written;
	slow->slot = s->line;
	strcpy(slow->path, path);
}

/* One of everything: two slots, many nodes, errors in chains, slow ops. */
static int good_make(void **state)
{
	struct random random = { 21 };
	struct segment_writer *w;
	struct test_dir *td;
	struct slot_writer *s[2];
	void *made;
	unsigned i;
	int fd;

	test_dir_make(&made);
	td = made;
	w = segment_make(td, PID, ID);
	s[0] = slot_for(w, "data", "anna", "10.0.0.1");
	s[1] = slot_for(w, "IPC$", "bert", "10.0.0.2");
	for (i = 0; i < 2000; i++) {
		struct latency_node *node = node_of(
			s[random_next(&random) % 2],
			(unsigned)(random_next(&random) % 6),
			(int)(random_next(&random) % 5) - 1);

		node_record(w, node, random_ns(&random, 34), 10,
			    (uint32_t)(random_next(&random) % 12));
	}
	for (i = 0; i < 5; i++) {
		slow_op_add(w, s[i % 2], "dir/file");
		assert_non_null(connection_begin(w, "10.0.0.1", 7, 1 + i));
	}
	segment_close(w);

	image_read(td, segment_name(PID, ID), &good.image);
	good.size = good.image.size;
	good.data = malloc(good.size);
	fd = openat(td->fd, segment_name(PID, ID), O_RDONLY);
	assert_int_equal(read(fd, good.data, good.size), good.size);
	close(fd);
	test_dir_remove(&made);
	*state = NULL;
	return 0;
}

static int good_free(void **state)
{
	(void)state;
	segment_image_free(&good.image);
	free(good.data);
	return 0;
}

/* Writes the file; its descriptor. */
static int plant(const struct test_dir *td, const char *name,
		 const unsigned char *data, size_t size)
{
	int fd = openat(td->fd, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC,
			0600);

	assert_int_not_equal(fd, -1);
	assert_int_equal(write(fd, data, size), size);
	return fd;
}

static void free_tree_of(const struct snapshot *s)
{
	const struct filter all = { .share = NULL };
	struct context_node *tree = context_tree_new();
	unsigned i;

	assert_non_null(tree);
	for (i = 0; i < s->image_count; i++) {
		assert_true(context_tree_add(tree, &s->images[i], &all));
	}
	context_tree_finish(tree);
	context_tree_free(tree);
}

static void free_tables_of(const struct snapshot *s)
{
	struct table *table = table_of(s, TABLE_OPS, BY(DIMENSIONS) - 1);

	table_sort(table);
	table_free(table);
	table = table_of(s, TABLE_REQUESTS, BY(BY_REQUEST));
	table_subtract(table, table);
	table_free(table);
}

/* All that a reader does with a snapshot. */
static void use_snapshot(const struct snapshot *s)
{
	const struct filter all = { .share = NULL };
	struct coverage coverage;
	struct wall_time wall;
	unsigned i;

	for (i = 0; i < s->image_count; i++) {
		check_image(&s->images[i]);
	}
	coverage_init(&coverage);
	for (i = 0; i < s->image_count; i++) {
		coverage_add(&coverage, &s->images[i], &all);
	}
	snapshot_wall_time(s, &all, OPEN_ALL, &wall);
	free_tables_of(s);
	free_tree_of(s);
}

static void use_slow_ops(const struct test_dir *td)
{
	const struct filter filter = { .share = "data" };
	struct slow_ops_seen seen = { .marks = NULL };
	struct slow_op_list list;
	struct latency_error error;

	assert_true(slow_ops_read(td->path, &filter, &seen, &list, &error));
	slow_ops_free(&list);
	slow_ops_forget(&seen);
}

/* Reads the planted file as it is; if it is bad, *error names it. */
static enum segment_state read_planted(const struct test_dir *td,
				       const char *name,
				       struct latency_error *error)
{
	struct segment_image image;
	enum segment_state state;

	error->text[0] = '\0';
	state = segment_read(td->fd, name, &image, error);
	if (state == SEGMENT_GOOD) {
		check_image(&image);
		segment_image_free(&image);
	} else if (state == SEGMENT_BAD) {
		assert_non_null(strstr(error->text, name));
	}
	return state;
}

/* The same, and all else that a reader does; it folds unless it is owned. */
static enum segment_state meet(const struct test_dir *td, const char *name,
			       struct latency_error *error)
{
	enum segment_state state = read_planted(td, name, error);
	struct latency_error no_error;
	struct snapshot *s;

	use_slow_ops(td);
	s = snapshot_take(td->path, &no_error);
	assert_non_null(s);
	/* Never the departed: what was folded must be good. */
	assert_in_range(s->problem_count, 0, state == SEGMENT_BAD);
	use_snapshot(s);
	snapshot_free(s);
	return state;
}

/* ------------------------ one thing wrong at a time ---------------------- */

/* Spoils a copy of the good segment. */
static void spoil_and_meet(void **state, size_t offset, const void *bytes,
			   size_t size, const char *complaint)
{
	const struct test_dir *td = *state;
	const char *name = segment_name(PID, ID);
	unsigned char *data = malloc(good.size);
	struct latency_error error;

	memcpy(data, good.data, good.size);
	assert_true(offset + size <= good.size);
	memcpy(data + offset, bytes, size);
	close(plant(td, name, data, good.size));
	free(data);
	assert_int_equal(meet(td, name, &error), SEGMENT_BAD);
	if (strstr(error.text, complaint) == NULL) {
		fail_msg("%s: not: %s", error.text, complaint);
	}
}

static void spoil_u32(void **state, size_t offset, uint32_t value,
		      const char *complaint)
{
	spoil_and_meet(state, offset, &value, sizeof(value), complaint);
}

static void spoil_u16(void **state, size_t offset, uint16_t value,
		      const char *complaint)
{
	spoil_and_meet(state, offset, &value, sizeof(value), complaint);
}

#define HEADER(field) offsetof(struct latency_header, field)

/* Where in the file a thing of the good image is. */
static size_t offset_of(const void *thing)
{
	return (size_t)((const unsigned char *)thing - good.image.data);
}

static const struct latency_slot *first_slot(void)
{
	return image_slot(&good.image, NULL);
}

/* A node of the first slot that has octaves and a chain of errors. */
static const struct latency_node *full_node(void)
{
	const struct latency_slot *slot = first_slot();
	uint32_t i;

	for (i = 2; i < slot->nodes; i++) {
		const struct latency_node *node =
			image_node(&good.image, slot, i);

		if (node->error != 0 && LATENCY_FRAME_LAYER(node->frame) != 0) {
			return node;
		}
	}
	fail();
	return NULL;
}

static uint32_t any_octave(const struct latency_node *node, unsigned *which)
{
	unsigned i;

	for (i = 0; i < HIST_OCTAVES; i++) {
		if (node->octave[i] != 0) {
			*which = i;
			return node->octave[i];
		}
	}
	fail();
	return 0;
}

static void test_good_one_is_good(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	close(plant(td, segment_name(PID, ID), good.data, good.size));
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_GOOD);
}

static void test_wrong_magic(void **state)
{
	spoil_and_meet(state, HEADER(magic), "SMBLATCX", 8, "magic");
}

static void test_other_byte_order(void **state)
{
	spoil_u32(state, HEADER(byte_order), 0x04030201, "byte order");
}

static void test_other_major_version(void **state)
{
	spoil_u16(state, HEADER(major), LATENCY_MAJOR + 1, "version");
}

static void test_header_size_too_small(void **state)
{
	spoil_u32(state, HEADER(header_size), 64, "header size");
}

static void test_header_size_too_large(void **state)
{
	spoil_u32(state, HEADER(header_size), 0xffffffc0, "header size");
}

static void test_header_size_odd(void **state)
{
	spoil_u32(state, HEADER(header_size),
		  sizeof(struct latency_header) + 1, "header size");
}

static void test_unknown_kind(void **state)
{
	spoil_u32(state, HEADER(kind), 3, "kind");
}

static void test_too_many_ops(void **state)
{
	spoil_u32(state, HEADER(op_count), LATENCY_MAX_OPS + 1, "ops");
}

static void test_unterminated_op(void **state)
{
	spoil_and_meet(state, HEADER(op[1].name),
		       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 30, "op that");
}

static void test_unterminated_layer(void **state)
{
	char name[sizeof(((struct latency_layer *)NULL)->name)];

	memset(name, 'x', sizeof(name));
	spoil_and_meet(state, HEADER(layer[3].name), name, sizeof(name),
		       "layer name");
}

static void test_unterminated_version(void **state)
{
	spoil_and_meet(state, HEADER(module_version), "xxxxxxxxxxxxxxxx", 16,
		       "version");
}

static void test_first_slot_outside(void **state)
{
	spoil_u32(state, HEADER(first_slot), 0x03ffffff, "slot outside");
}

static void test_first_slot_inside_the_header(void **state)
{
	spoil_u32(state, HEADER(first_slot), 1, "slot outside");
}

static void test_slots_in_a_circle(void **state)
{
	const struct latency_slot *second =
		image_slot(&good.image, first_slot());

	spoil_u32(state, offset_of(&second->next),
		  good.image.header->first_slot, "");
}

static void test_unterminated_share(void **state)
{
	char name[sizeof(((struct latency_slot_key *)NULL)->share)];

	memset(name, 'x', sizeof(name));
	spoil_and_meet(state, offset_of(first_slot()->key.share), name,
		       sizeof(name), "name in a slot");
}

static void test_no_nodes(void **state)
{
	spoil_u32(state, offset_of(&first_slot()->nodes), 1,
		  "number of nodes");
}

static void test_too_many_nodes(void **state)
{
	spoil_u32(state, offset_of(&first_slot()->nodes),
		  LATENCY_MAX_NODES + 1, "number of nodes");
}

static void test_nodes_outside(void **state)
{
	spoil_u32(state, offset_of(&first_slot()->chunk[0]), 0x03fffff0,
		  "nodes outside");
}

static void test_node_below_itself(void **state)
{
	const struct latency_node *node = full_node();

	spoil_u16(state, offset_of(&node->parent), node->number,
		  "node without a place in the tree");
}

static void test_node_of_an_unknown_layer(void **state)
{
	spoil_u16(state, offset_of(&full_node()->frame), LATENCY_FRAME(30, 0),
		  "node without a place in the tree");
}

static void test_node_of_an_unknown_op(void **state)
{
	spoil_u16(state, offset_of(&full_node()->frame),
		  LATENCY_FRAME(1, 200), "node without a place in the tree");
}

static void test_node_of_an_unknown_root(void **state)
{
	spoil_u16(state, offset_of(&full_node()->frame),
		  LATENCY_FRAME(0, LATENCY_ROOT_END),
		  "node without a place in the tree");
}

static void test_overflow_node_below_another(void **state)
{
	spoil_u16(state, offset_of(&image_node(&good.image, first_slot(), 1)
				   ->parent), 9,
		  "node without a place in the tree");
}

static void test_overflow_node_of_an_unknown_op(void **state)
{
	spoil_u16(state, offset_of(&image_node(&good.image, first_slot(), 1)
				   ->frame), 0x7fff,
		  "node without a place in the tree");
}

static void test_top_node_of_an_unknown_op(void **state)
{
	spoil_u16(state, offset_of(&image_node(&good.image, first_slot(), 0)
				   ->frame), 0x7fff,
		  "node without a place in the tree");
}

static void test_octave_outside(void **state)
{
	unsigned which = 0;

	any_octave(full_node(), &which);
	spoil_u32(state, offset_of(&full_node()->octave[which]), 0x03ffffff,
		  "octave outside");
}

static void test_octave_in_the_middle_of_the_nodes(void **state)
{
	unsigned which = 0;

	any_octave(full_node(), &which);
	spoil_u32(state, offset_of(&full_node()->octave[which]),
		  first_slot()->chunk[0] + 5, "");
}

static void test_errors_outside(void **state)
{
	spoil_u32(state, offset_of(&full_node()->error), 0x03ffffff,
		  "errors outside");
}

static void test_errors_in_a_circle(void **state)
{
	uint32_t line = full_node()->error;
	const struct latency_errors *errors = image_at(&good.image, line);

	spoil_u32(state, offset_of(&errors->next), line, "");
}

static void test_slow_ring_outside(void **state)
{
	spoil_u32(state, HEADER(slow_ring),
		  (uint32_t)(good.size / LATENCY_LINE) - 2, "slow ops");
}

static const struct latency_slow *slow_op(void)
{
	const struct latency_slow_ring *ring = image_at(
		&good.image, good.image.header->slow_ring);

	return &ring->entry[1];
}

static void test_slow_op_of_an_unknown_op(void **state)
{
	spoil_u16(state, offset_of(&slow_op()->frame), LATENCY_FRAME(2, 1),
		  "slow op");
}

static void test_slow_op_below_another_op(void **state)
{
	/* Folded, it would name an op of another numbering. */
	spoil_u16(state, offset_of(&slow_op()->root), OP_FRAME(OPENAT),
		  "slow op");
}

static void test_slow_op_of_no_slot(void **state)
{
	spoil_u32(state, offset_of(&slow_op()->slot), first_slot()->chunk[0],
		  "slow op");
}

static void test_slow_op_with_an_unterminated_path(void **state)
{
	char path[464];

	memset(path, 'x', sizeof(path));
	spoil_and_meet(state, offset_of(slow_op()->path), path, sizeof(path),
		       "slow op");
}

static void test_folded_ids_outside(void **state)
{
	spoil_u32(state, HEADER(folded_count), 0x20000001, "folded");
}

static void test_truncated_anywhere(void **state)
{
	const struct test_dir *td = *state;
	const char *name = segment_name(PID, ID);
	struct latency_error error;
	size_t size;

	for (size = 1; size < good.image.header->used * LATENCY_LINE;
	     size += 997) {
		close(plant(td, name, good.data, size));
		assert_int_equal(meet(td, name, &error), SEGMENT_BAD);
	}
}

static void test_longer_than_any_segment(void **state)
{
	const struct test_dir *td = *state;
	const char *name = segment_name(PID, ID);
	struct latency_error error;
	int fd = plant(td, name, good.data, good.size);

	assert_int_equal(ftruncate(fd, (off_t)LATENCY_MAX_SIZE + 1), 0);
	close(fd);
	assert_int_equal(meet(td, name, &error), SEGMENT_BAD);
	assert_non_null(strstr(error.text, "too long"));
}

/* A file of so many zero bytes; alive: with its owner's lock. */
static int plant_zeros(const struct test_dir *td, size_t size, bool alive,
		       time_t age)
{
	const struct timespec times[2] = {
		{ .tv_nsec = UTIME_OMIT }, { .tv_sec = time(NULL) - age },
	};
	int fd = plant(td, segment_name(PID, ID), good.data, 0);

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(futimens(fd, times), 0);
	assert_true(!alive || segment_own(fd));
	return fd;
}

static void test_file_without_a_header_is_named(void **state)
{
	static const size_t sizes[] = { 0, 100, 65536 };
	const struct test_dir *td = *state;
	struct latency_error error;
	unsigned i, alive;

	for (i = 0; i < 3; i++) {
		for (alive = 0; alive <= 1; alive++) {
			int fd = plant_zeros(td, sizes[i], alive,
					     alive ? 60 : 0);

			assert_int_equal(meet(td, segment_name(PID, ID),
					      &error), SEGMENT_BAD);
			assert_non_null(strstr(error.text, "has no header"));
			close(fd);
		}
	}
}

static void test_file_being_made_is_no_problem(void **state)
{
	static const size_t sizes[] = { 0, 100, 65536 };
	const struct test_dir *td = *state;
	struct latency_error error;
	unsigned i;

	for (i = 0; i < 3; i++) {
		int fd = plant_zeros(td, sizes[i], true, 0);

		assert_int_equal(meet(td, segment_name(PID, ID), &error),
				 SEGMENT_UNFINISHED);
		close(fd);
	}
}

static void test_file_without_a_header_goes_in_the_end(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	close(plant_zeros(td, 65536, false, 3000));
	assert_true(segment_fold_all(td->fd, &error));
	assert_int_equal(faccessat(td->fd, segment_name(PID, ID), F_OK, 0),
			 0);
	close(plant_zeros(td, 65536, false, 4000));
	assert_true(segment_fold_all(td->fd, &error));
	assert_int_equal(faccessat(td->fd, segment_name(PID, ID), F_OK, 0),
			 -1);
}

static void test_counters_that_cannot_be_are_made_whole(void **state)
{
	const struct test_dir *td = *state;
	const char *name = segment_name(PID, ID);
	unsigned char *data = malloc(good.size);
	const uint64_t many = UINT64_MAX;
	struct latency_error error;
	unsigned which = 0;
	size_t octave = (size_t)any_octave(full_node(), &which) * LATENCY_LINE;

	memcpy(data, good.data, good.size);
	memcpy(data + octave, &many, sizeof(many));
	memcpy(data + octave + 8, &many, sizeof(many));
	memcpy(data + offset_of(&full_node()->min_ns), &many, sizeof(many));
	close(plant(td, name, data, good.size));
	free(data);
	assert_int_equal(meet(td, name, &error), SEGMENT_GOOD);
}

/* --------------------------- no file of ours ----------------------------- */

static void test_fifo_is_refused_without_waiting(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	assert_int_equal(mkfifoat(td->fd, segment_name(PID, ID), 0600), 0);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
}

static void test_symlink_is_not_followed(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	close(plant(td, "elsewhere", good.data, good.size));
	assert_int_equal(symlinkat("elsewhere", td->fd,
				   segment_name(PID, ID)), 0);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
}

static void test_symlink_under_the_name_of_a_new_file(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;
	struct stat st;

	close(plant(td, "elsewhere", good.data, 5));
	close(plant(td, segment_name(PID, ID), good.data, good.size));
	assert_int_equal(symlinkat("elsewhere", td->fd,
				   LATENCY_DEPARTED_NEW_NAME), 0);
	assert_true(segment_fold_all(td->fd, &error));
	assert_int_equal(fstatat(td->fd, "elsewhere", &st, 0), 0);
	assert_int_equal(st.st_size, 5);
	assert_int_equal(fstatat(td->fd, LATENCY_DEPARTED_NAME, &st,
				 AT_SYMLINK_NOFOLLOW), 0);
	assert_true(S_ISREG(st.st_mode));
}

static void test_directory_is_refused(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;

	assert_int_equal(mkdirat(td->fd, segment_name(PID, ID), 0700), 0);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
}

static void test_socket_is_refused(void **state)
{
	const struct test_dir *td = *state;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	struct latency_error error;
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_true(snprintf(address.sun_path, sizeof(address.sun_path),
			     "%s/%s", td->path, segment_name(PID, ID)) <
		    (int)sizeof(address.sun_path));
	assert_int_equal(bind(fd, (struct sockaddr *)&address,
			      sizeof(address)), 0);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
	close(fd);
}

static void test_file_of_another_user_is_refused(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;
	int fd;

	if (geteuid() != 0) {
		skip();
	}
	fd = plant(td, segment_name(PID, ID), good.data, good.size);
	assert_int_equal(fchown(fd, 65534, 65534), 0);
	close(fd);
	assert_int_equal(meet(td, segment_name(PID, ID), &error),
			 SEGMENT_BAD);
	assert_non_null(strstr(error.text, "65534"));
}

static void refuse_directory(const struct test_dir *td)
{
	struct latency_error error = { "" };

	errno = 0;
	assert_int_equal(segment_dir_open(td->path, false, &error), -1);
	assert_int_equal(errno, EPERM);
	assert_non_null(strstr(error.text, td->path));
	assert_null(snapshot_take(td->path, &error));
}

static void test_directory_that_others_may_write_is_refused(void **state)
{
	const struct test_dir *td = *state;

	assert_int_equal(chmod(td->path, 0770), 0);
	refuse_directory(td);
	assert_int_equal(chmod(td->path, 0702), 0);
	refuse_directory(td);
}

static void test_directory_of_another_user_is_refused(void **state)
{
	const struct test_dir *td = *state;

	if (geteuid() != 0) {
		skip();
	}
	assert_int_equal(chown(td->path, 65534, 65534), 0);
	refuse_directory(td);
}

static void test_symlink_to_a_directory_is_refused(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error = { "" };
	char path[512];

	snprintf(path, sizeof(path), "%s/link", td->path);
	assert_int_equal(symlink(td->path, path), 0);
	assert_int_equal(segment_dir_open(path, false, &error), -1);
	assert_non_null(strstr(error.text, path));
}

static void test_bad_departed_leave_the_others_alone(void **state)
{
	const struct test_dir *td = *state;
	struct latency_error error;
	struct snapshot *s;

	close(plant(td, LATENCY_DEPARTED_NAME, good.data, 1000));
	close(plant(td, segment_name(PID, ID), good.data, good.size));
	s = snapshot_take(td->path, &error);
	assert_non_null(s);
	assert_true(s->problem_count > 0);
	assert_non_null(strstr(s->problems[0].text, LATENCY_DEPARTED_NAME));
	assert_int_equal(s->image_count, 1);
	use_snapshot(s);
	snapshot_free(s);
}

/* -------------------------------- fuzzing -------------------------------- */

static void flip_bits(struct random *random, unsigned char *data)
{
	unsigned n = 1 + (unsigned)(random_next(random) % 8);

	while (n-- > 0) {
		uint64_t bit = random_next(random) % (good.size * 8);

		/* Most of what can go wrong is in the front. */
		if (random_next(random) % 2 == 0) {
			bit %= 8 * 14000;
		}
		data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
}

/* Overwrites pieces with pieces from elsewhere, or with random words. */
static void splice_pieces(struct random *random, unsigned char *data)
{
	unsigned n = 1 + (unsigned)(random_next(random) % 4);

	while (n-- > 0) {
		size_t length = 1 + random_next(random) % 512;
		size_t from = random_next(random) % (good.size - length);
		size_t to = random_next(random) % (good.size - length);

		if (random_next(random) % 2 == 0) {
			to &= ~(size_t)63;
			from &= ~(size_t)63;
		}
		memmove(data + to, data + from, length);
	}
}

/* Replaces references by others that lead somewhere into the file. */
static void redirect(struct random *random, unsigned char *data)
{
	unsigned n = 1 + (unsigned)(random_next(random) % 20);
	uint32_t used = good.image.header->used;

	while (n > 0) {
		size_t at = (150 * 64 + random_next(random) %
			     (good.size - 150 * 64 - 4)) & ~(size_t)3;
		uint32_t line;

		memcpy(&line, data + at, sizeof(line));
		if (line >= 150 && line < used) {
			line = 150 + (uint32_t)(random_next(random) % used);
			memcpy(data + at, &line, sizeof(line));
			n--;
		}
	}
}

/* Each round has a seed of its own, so that it can be had alone. */
static void fuzz(const struct test_dir *td, const char *how,
		 void (*spoil)(struct random *random, unsigned char *data))
{
	const char *name = segment_name(PID, ID);
	unsigned char *data = malloc(good.size);
	unsigned round, bad = 0;

	for (round = 1; round <= rounds; round++) {
		struct random random = { round };
		struct latency_error error;
		bool alive;
		int fd;

		random_next(&random);
		memcpy(data, good.data, good.size);
		spoil(&random, data);
		fd = plant(td, name, data, good.size);
		alive = random_next(&random) % 2 == 0;
		if (alive) {
			segment_own(fd);
		}
		snprintf(note, sizeof(note), "%s, round %u", how, round);
		bad += read_planted(td, name, &error) == SEGMENT_BAD;
		if (round % WHOLE == 0) {
			meet(td, name, &error);
			test_dir_empty(td);
		}
		close(fd);
		if (round % (rounds / 10) == 0) {
			print_message("             %s: %u of %u\n", how,
				      round, rounds);
			fflush(stdout);
		}
	}
	note[0] = '\0';
	free(data);
	assert_in_range(bad, 1, rounds < ENOUGH_ROUNDS ? rounds : rounds - 1);
}

static void test_flipped_bits(void **state)
{
	fuzz(*state, "flipped bits", flip_bits);
}

static void test_splices(void **state)
{
	fuzz(*state, "splices", splice_pieces);
}

static void test_redirected_references(void **state)
{
	fuzz(*state, "redirected references", redirect);
}

static int note_and_remove(void **state)
{
	note_print();
	return test_dir_remove(state);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, \
					test_dir_make, note_and_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_good_one_is_good),
		TEST(test_wrong_magic),
		TEST(test_other_byte_order),
		TEST(test_other_major_version),
		TEST(test_header_size_too_small),
		TEST(test_header_size_too_large),
		TEST(test_header_size_odd),
		TEST(test_unknown_kind),
		TEST(test_too_many_ops),
		TEST(test_unterminated_op),
		TEST(test_unterminated_layer),
		TEST(test_unterminated_version),
		TEST(test_first_slot_outside),
		TEST(test_first_slot_inside_the_header),
		TEST(test_slots_in_a_circle),
		TEST(test_unterminated_share),
		TEST(test_no_nodes),
		TEST(test_too_many_nodes),
		TEST(test_nodes_outside),
		TEST(test_node_below_itself),
		TEST(test_node_of_an_unknown_layer),
		TEST(test_node_of_an_unknown_op),
		TEST(test_node_of_an_unknown_root),
		TEST(test_overflow_node_below_another),
		TEST(test_overflow_node_of_an_unknown_op),
		TEST(test_top_node_of_an_unknown_op),
		TEST(test_octave_outside),
		TEST(test_octave_in_the_middle_of_the_nodes),
		TEST(test_errors_outside),
		TEST(test_errors_in_a_circle),
		TEST(test_slow_ring_outside),
		TEST(test_slow_op_of_an_unknown_op),
		TEST(test_slow_op_below_another_op),
		TEST(test_slow_op_of_no_slot),
		TEST(test_slow_op_with_an_unterminated_path),
		TEST(test_folded_ids_outside),
		TEST(test_truncated_anywhere),
		TEST(test_longer_than_any_segment),
		TEST(test_file_without_a_header_is_named),
		TEST(test_file_being_made_is_no_problem),
		TEST(test_file_without_a_header_goes_in_the_end),
		TEST(test_counters_that_cannot_be_are_made_whole),
		TEST(test_fifo_is_refused_without_waiting),
		TEST(test_symlink_is_not_followed),
		TEST(test_symlink_under_the_name_of_a_new_file),
		TEST(test_directory_is_refused),
		TEST(test_socket_is_refused),
		TEST(test_file_of_another_user_is_refused),
		TEST(test_directory_that_others_may_write_is_refused),
		TEST(test_directory_of_another_user_is_refused),
		TEST(test_symlink_to_a_directory_is_refused),
		TEST(test_bad_departed_leave_the_others_alone),
		TEST(test_flipped_bits),
		TEST(test_splices),
		TEST(test_redirected_references),
	};

	const char *asked = getenv("HOSTILE_ROUNDS");

	if (asked != NULL) {
		char *end;
		unsigned long number = strtoul(asked, &end, 10);

		if (*end != '\0' || number < 10 || number > 1000000) {
			fprintf(stderr, "test_hostile: HOSTILE_ROUNDS is %s, "
				"not 10 to 1000000\n", asked);
			return 2;
		}
		rounds = (unsigned)number;
	}
	__sanitizer_set_death_callback(note_print);
	return cmocka_run_group_tests(tests, good_make, good_free);
}
