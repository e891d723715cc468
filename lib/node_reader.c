/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "node_reader.h"
#include "sequence.h"

/* Takes a line, if there is one. */
static bool take_line(const struct reading *r, uint32_t line, const char *what)
{
	if (line == 0) {
		return true;
	}
	if (!inside(r, line, LATENCY_LINE)) {
		return bad(r, what, line);
	}
	return take(r, line, LATENCY_LINE);
}

/* Copies what is counted of sizes; what it leads to is checked later. */
static void copy_sizes(const struct reading *r, struct latency_node *node)
{
	struct latency_sizes *sizes = image_mutable(r, node->sizes);

	if (node->sizes != 0 && inside(r, node->sizes, sizeof(*sizes))) {
		words_copy(sizes, shared_of(r, sizes), sizeof(*sizes));
	}
}

/* Could as many calls have moved bytes? Else none of the sizes is right. */
static void check_sizes(const struct reading *r, struct latency_node *node)
{
	const struct latency_sizes *sizes = image_mutable(r, node->sizes);
	uint64_t left = node->count;
	unsigned i;

	if (node->sizes == 0) {
		return;
	}
	for (i = 0; i < SIZE_BUCKETS; i++) {
		if (sizes->count[i] > left) {
			node->sizes = 0;
			return;
		}
		left -= sizes->count[i];
	}
}

static bool read_errors(const struct reading *r,
			const struct latency_node *node)
{
	uint32_t line = node->error;
	unsigned i;

	for (i = 0; line != 0; i++) {
		struct latency_errors *errors;

		if (i == LATENCY_MAX_ERROR_LINES) {
			return bad(r, "list of errors too long", line);
		}
		if (!take_line(r, line, "errors outside the file")) {
			return false;
		}
		errors = image_mutable(r, line);
		words_copy(errors, shared_of(r, errors), sizeof(*errors));
		line = errors->next;
	}
	return true;
}

/*
 * Copies a node, then its buckets. Returns false if a call was added meanwhile,
 * or no process can have counted so many.
 */
static bool copy_node(void *private_data)
{
	struct reading *r = private_data;
	struct latency_node *node = r->node;
	const struct latency_node *shared = shared_of(r, node);
	struct extent *x = &r->extent;
	/*
	 * COUNT_BEFORE_REST, pairs with REST_BEFORE_COUNT of row_write_end():
	 * what is counted is in its bucket and in the rest.
	 */
	uint64_t count = word_follow(&shared->count);
	unsigned i, j;

	*x = (struct extent){ .low = HIST_BUCKETS };
	words_copy(node, shared, offsetof(struct latency_node, octave));
	copy_sizes(r, node);
	/*
	 * REST_BEFORE_BUCKETS, pairs with BUCKET_BEFORE_REST of
	 * row_write_begin(): of a call whose time is in the copy the bucket is
	 * read after this.
	 */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	words_copy(node->octave, shared->octave, sizeof(node->octave));
	for (i = 0; i < HIST_OCTAVES; i++) {
		uint32_t line = node->octave[i];
		uint64_t *cells;

		if (line == 0 || !inside(r, line, LATENCY_LINE)) {
			continue;
		}
		cells = image_mutable(r, line);
		words_copy(cells, r->shared + (size_t)line * LATENCY_LINE,
			   LATENCY_LINE);
		for (j = 0; j < HIST_SUB; j++) {
			unsigned bucket = i * HIST_SUB + j;

			if (cells[j] == 0) {
				continue;
			}
			if (__builtin_add_overflow(x->count, cells[j],
						   &x->count)) {
				x->count = 0;
				return false;
			}
			x->low = x->low < bucket ? x->low : bucket;
			x->high = bucket;
		}
	}
	return x->count == count;
}

static void make_empty(struct latency_node *node)
{
	memset(node->octave, 0, sizeof(node->octave));
	node->count = node->total_ns = node->max_ns = 0;
	node->min_ns = UINT64_MAX;
}

/*
 * Makes a node whole that its writer left in the middle of an update: a call
 * is counted if its bucket was. A node that is whole is left as it is; one
 * that no process can have written is left without calls.
 */
static void make_whole(const struct reading *r, struct latency_node *node)
{
	const struct extent x = r->extent;
	uint64_t least, most;

	if (x.count == 0) {
		make_empty(node);
		return;
	}
	node->count = x.count;
	if (node->min_ns < hist_lower(x.low) ||
	    node->min_ns >= hist_upper(x.low)) {
		node->min_ns = hist_lower(x.low);
	}
	if (node->max_ns < hist_lower(x.high) ||
	    node->max_ns >= hist_upper(x.high)) {
		node->max_ns = hist_upper(x.high) - 1;
	}
	if (node->max_ns < node->min_ns) {
		node->max_ns = node->min_ns;
	}
	if (__builtin_mul_overflow(node->min_ns, x.count, &least)) {
		make_empty(node);
		return;
	}
	if (node->total_ns < least) {
		node->total_ns = least;
	}
	if (!__builtin_mul_overflow(node->max_ns, x.count, &most) &&
	    node->total_ns > most) {
		node->total_ns = most;
	}
}

/* Does a node of this number have a place in the tree? */
static bool node_fits(const struct reading *r, const struct latency_node *node,
		      unsigned number)
{
	switch (number) {
	case LATENCY_NODE_TOP:
		return node->parent == 0 && node->frame == 0;
	case LATENCY_NODE_OVERFLOW:
		return node->parent == 0 && node->frame ==
			LATENCY_FRAME(0, LATENCY_ROOT_OVERFLOW);
	default:
		return node->parent < number && frame_known(r, node->frame);
	}
}

/* Copies a node and checks it and all it leads to. */
static bool read_node(struct reading *r, struct latency_node *node,
		      unsigned number)
{
	unsigned i;

	r->node = node;
	if (r->writer_busy) {
		copy_node(r);
	} else {
		r->writer_busy = !read_again(copy_node, r);
	}
	if (!node_fits(r, node, number)) {
		return bad(r, "node without a place in the tree", number);
	}
	for (i = 0; i < HIST_OCTAVES; i++) {
		if (!take_line(r, node->octave[i],
			       "octave outside the file")) {
			return false;
		}
	}
	if (node->sizes != 0) {
		if (!inside(r, node->sizes, sizeof(struct latency_sizes))) {
			return bad(r, "sizes outside the file", node->sizes);
		}
		if (!take(r, node->sizes, sizeof(struct latency_sizes))) {
			return false;
		}
	}
	make_whole(r, node);
	check_sizes(r, node);
	return read_errors(r, node);
}

bool nodes_read(struct reading *r, const struct latency_slot *slot)
{
	const size_t size = LATENCY_CHUNK_NODES * sizeof(struct latency_node);
	struct latency_node *chunk = NULL;
	uint32_t nodes = slot->nodes;
	uint32_t i;

	if (nodes < 2 || nodes > LATENCY_MAX_NODES) {
		return bad(r, "number of nodes out of range", nodes);
	}
	for (i = 0; i < nodes; i++) {
		if (i % LATENCY_CHUNK_NODES == 0) {
			uint32_t line = slot->chunk[i / LATENCY_CHUNK_NODES];

			if (!inside(r, line, size)) {
				return bad(r, "nodes outside the file", line);
			}
			if (!take(r, line, size)) {
				return false;
			}
			chunk = image_mutable(r, line);
		}
		if (!read_node(r, &chunk[i % LATENCY_CHUNK_NODES], i)) {
			return false;
		}
	}
	return true;
}
