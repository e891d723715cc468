/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "connection_writer.h"
#include "context_tree.h"
#include "coverage.h"
#include "hostile.h"
#include "slow_ops.h"
#include "table.h"
#include "wall_time.h"

struct good good;

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

int good_make(void **state)
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

int good_free(void **state)
{
	(void)state;
	segment_image_free(&good.image);
	free(good.data);
	return 0;
}

int plant(const struct test_dir *td, const char *name,
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

void use_snapshot(const struct snapshot *s)
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

enum segment_state read_planted(const struct test_dir *td, const char *name,
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

enum segment_state meet(const struct test_dir *td, const char *name,
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

void spoil_and_meet(void **state, size_t offset, const void *bytes, size_t size,
		    const char *complaint)
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

void spoil_u32(void **state, size_t offset, uint32_t value,
	       const char *complaint)
{
	spoil_and_meet(state, offset, &value, sizeof(value), complaint);
}

void spoil_u16(void **state, size_t offset, uint16_t value,
	       const char *complaint)
{
	spoil_and_meet(state, offset, &value, sizeof(value), complaint);
}

size_t offset_of(const void *thing)
{
	return (size_t)((const unsigned char *)thing - good.image.data);
}

const struct latency_slot *first_slot(void)
{
	return image_slot(&good.image, NULL);
}

const struct latency_node *full_node(void)
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

uint32_t any_octave(const struct latency_node *node, unsigned *which)
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
