/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "frame_name.h"
#include "segment_dir.h"
#include "sequence.h"
#include "table_add.h"
#include "unit.h"

uint64_t random_next(struct random *random)
{
	random->state ^= random->state >> 12;
	random->state ^= random->state << 25;
	random->state ^= random->state >> 27;
	return random->state * 0x2545f4914f6cdd1du;
}

uint64_t random_ns(struct random *random, unsigned bits)
{
	uint64_t mask = ((uint64_t)1 << random_next(random) % (bits + 1)) - 1;

	return random_next(random) >> 1 & mask;
}

/* ------------------------------ directories ------------------------------ */

int test_dir_make(void **state)
{
	/* Like /run, where segments usually are, /dev/shm needs no disk. */
	bool memory = access("/dev/shm", W_OK) == 0;
	struct test_dir *td = calloc(1, sizeof(*td));
	struct latency_error error;

	assert_non_null(td);
	snprintf(td->path, sizeof(td->path), "%s/latency-unit-XXXXXX",
		 memory ? "/dev/shm" : "/tmp");
	assert_non_null(mkdtemp(td->path));
	td->fd = segment_dir_open(td->path, false, &error);
	assert_int_not_equal(td->fd, -1);
	*state = td;
	return 0;
}

static DIR *listing(const struct test_dir *td)
{
	int fd = openat(td->fd, ".", O_RDONLY | O_DIRECTORY);
	DIR *d = fdopendir(fd);

	assert_non_null(d);
	return d;
}

static bool is_dots(const char *name)
{
	return strcmp(name, ".") == 0 || strcmp(name, "..") == 0;
}

void test_dir_empty(const struct test_dir *td)
{
	DIR *d = listing(td);
	struct dirent *e;

	while ((e = readdir(d)) != NULL) {
		if (!is_dots(e->d_name) &&
		    unlinkat(td->fd, e->d_name, 0) != 0) {
			unlinkat(td->fd, e->d_name, AT_REMOVEDIR);
		}
	}
	closedir(d);
}

unsigned test_dir_names(const struct test_dir *td)
{
	DIR *d = listing(td);
	struct dirent *e;
	unsigned count = 0;

	while ((e = readdir(d)) != NULL) {
		count += !is_dots(e->d_name) &&
			strcmp(e->d_name, SEGMENT_DIR_LOCK_NAME) != 0;
	}
	closedir(d);
	return count;
}

int test_dir_remove(void **state)
{
	struct test_dir *td = *state;

	test_dir_empty(td);
	close(td->fd);
	rmdir(td->path);
	free(td);
	return 0;
}

/* ------------------------------- segments -------------------------------- */

const char *segment_name(uint32_t pid, uint64_t id)
{
	static char name[64];

	snprintf(name, sizeof(name), LATENCY_SEGMENT_NAME, pid,
		 (unsigned long long)id);
	return name;
}

struct segment_writer *segment_make(const struct test_dir *td, uint32_t pid,
				    uint64_t id)
{
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = pid,
		.id = id,
		.start_realtime_ns = 1000000000u * id,
		.start_monotonic_ns = 1000,
		.samba_version = "4.17.12",
	};
	struct latency_error error = { "" };
	struct segment_writer *w = segment_create(
		td->fd, segment_name(pid, id), &identity, &error);

	assert_string_equal(error.text, "");
	assert_non_null(w);
	segment_op(w, "openat", LATENCY_CLASS_ERRNO);
	segment_op(w, "pread", LATENCY_CLASS_BYTES);
	segment_op(w, "pwrite", LATENCY_CLASS_BYTES);
	segment_op(w, "close", LATENCY_CLASS_ERRNO);
	assert_int_equal(segment_layer(w, "latency"), 1);
	segment_publish(w);
	return w;
}

struct slot_writer *slot_for(struct segment_writer *w, const char *share,
			     const char *user, const char *client)
{
	const struct slot_key key = { share, user, client, ":latency/" };

	return segment_slot(w, &key, true);
}

struct latency_node *node_of(struct slot_writer *s, unsigned request, int op)
{
	struct latency_node *root = slot_node_below(
		s, slot_node(s, LATENCY_NODE_TOP), LATENCY_FRAME(0, request));

	return op < 0 ? root : slot_node_below(s, root, OP_FRAME(op));
}

void image_read(const struct test_dir *td, const char *name,
		struct segment_image *image)
{
	struct latency_error error = { "" };
	enum segment_state state = segment_read(td->fd, name, image,
						&error);

	assert_string_equal(error.text, "");
	assert_int_equal(state, SEGMENT_GOOD);
}

void image_sum(const struct segment_image *image, struct row_sum *sum)
{
	const struct latency_slot *slot;
	struct row_sum one;
	uint32_t i;

	row_sum_init(sum);
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		for (i = LATENCY_NODE_OVERFLOW; i < slot->nodes; i++) {
			const struct latency_node *node =
				image_node(image, slot, i);

			if (LATENCY_FRAME_LAYER(node->frame) != 0 ||
			    i == LATENCY_NODE_OVERFLOW) {
				image_node_sum(image, node, &one);
				row_sum_add(sum, &one);
			}
		}
	}
}

void check_consistent(const struct row_sum *sum)
{
	uint64_t buckets = 0;
	unsigned i, low = HIST_BUCKETS, high = 0;

	for (i = 0; i < HIST_BUCKETS; i++) {
		if (sum->histogram[i] != 0) {
			low = low < i ? low : i;
			high = i;
		}
		buckets += sum->histogram[i];
	}
	assert_int_equal(buckets, sum->count);
	if (sum->count == 0) {
		return;
	}
	assert_true(sum->min_ns <= sum->total_ns / sum->count);
	assert_true(sum->total_ns / sum->count <= sum->max_ns);
	assert_int_equal(hist_bucket(sum->min_ns), low);
	assert_int_equal(hist_bucket(sum->max_ns), high);
}

/* -------------------------------- walking -------------------------------- */

static void check_string(const char *string, size_t size)
{
	assert_true(strnlen(string, size) < size);
}

static void check_frame(const struct segment_image *image, uint16_t frame)
{
	const struct latency_header *h = image->header;

	if (LATENCY_FRAME_LAYER(frame) != 0) {
		assert_in_range(LATENCY_FRAME_OP(frame), 0, h->op_count - 1);
	}
	check_string(frame_name(h, frame), sizeof(h->op[0].name));
}

static void check_nodes(const struct segment_image *image,
			const struct latency_slot *slot)
{
	struct row_sum sum;
	uint32_t i;

	assert_in_range(slot->nodes, 2, LATENCY_MAX_NODES);
	for (i = 0; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);

		assert_true(node->parent < i || node->parent == 0);
		check_frame(image, node->frame);
		image_node_sum(image, node, &sum);
		check_consistent(&sum);
		assert_int_equal(sum.count, node->count);
	}
}

static void check_slow(const struct segment_image *image)
{
	const struct latency_slow_ring *ring =
		image_at(image, image->header->slow_ring);
	unsigned i;

	for (i = 0; i < LATENCY_SLOW_ENTRIES; i++) {
		const struct latency_slow *slow = &ring->entry[i];
		const struct latency_slot *slot;

		if (slow->number == 0) {
			continue;
		}
		check_string(slow->path, sizeof(slow->path));
		check_frame(image, slow->frame);
		assert_int_equal(LATENCY_FRAME_LAYER(slow->root), 0);
		for (slot = image_slot(image, NULL); slot != NULL;
		     slot = image_slot(image, slot)) {
			if (slot == image_at(image, slow->slot)) {
				break;
			}
		}
		assert_non_null(slot);
	}
}

static void check_connections(const struct segment_image *image)
{
	const struct latency_connections *from = image_connections(image);
	unsigned i;

	for (i = 0; from != NULL && i < LATENCY_CONNECTIONS; i++) {
		const struct latency_connection *c =
			image_connection(image, from, i);

		if (c != NULL) {
			check_string(c->client, sizeof(c->client));
			assert_true(c->requests >= c->signed_requests +
				    c->encrypted_requests);
		}
	}
}

void check_image(const struct segment_image *image)
{
	const struct latency_header *h = image->header;
	const struct latency_slot *slot;
	unsigned i;

	check_string(h->samba_version, sizeof(h->samba_version));
	check_string(h->module_version, sizeof(h->module_version));
	for (i = 0; i < h->op_count; i++) {
		check_string(h->op[i].name, sizeof(h->op[i].name));
	}
	for (i = 0; i < LATENCY_MAX_LAYERS; i++) {
		check_string(h->layer[i].name, sizeof(h->layer[i].name));
	}
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		check_string(slot->key.share, sizeof(slot->key.share));
		check_string(slot->key.user, sizeof(slot->key.user));
		check_string(slot->key.client, sizeof(slot->key.client));
		check_nodes(image, slot);
	}
	if (h->slow_ring != 0) {
		check_slow(image);
	}
	check_connections(image);
}

struct snapshot *snapshot_as_is(const struct test_dir *td)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	DIR *d = listing(td);
	struct dirent *e;

	assert_non_null(s);
	assert_true(snapshot_add_segment(s, td->fd,
					 LATENCY_DEPARTED_NAME));
	while ((e = readdir(d)) != NULL) {
		if (segment_name_pid(e->d_name) != 0) {
			assert_true(snapshot_add_segment(s, td->fd,
							 e->d_name));
		}
	}
	closedir(d);
	return s;
}

struct table *table_of(const struct snapshot *snapshot,
		       enum table_source source, unsigned by)
{
	const struct filter all = { .pid = 0 };
	struct table *table = table_new(source, by);
	unsigned i;

	assert_non_null(table);
	for (i = 0; i < snapshot->image_count; i++) {
		assert_true(table_add(table, &snapshot->images[i], &all));
	}
	return table;
}
