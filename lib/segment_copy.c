/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "file_reader.h"
#include "segment_copy.h"
#include "segment_reading.h"
#include "sequence.h"
#include "time_ns.h"

#define TIME_TRIES 20		/* reads of the times until they match the op */

/* ------------------------- consistent copying ---------------------------- */

static bool frame_known(const struct reading *r, uint16_t frame)
{
	const struct latency_header *h = r->image->header;
	unsigned layer = LATENCY_FRAME_LAYER(frame);
	unsigned op = LATENCY_FRAME_OP(frame);

	if (layer == 0) {
		return op < LATENCY_ROOT_END;
	}
	return op < h->op_count && h->layer[layer].name[0] != '\0';
}

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
	/* Pairs with row_write_end(): what is counted is in its bucket. */
	uint64_t count = word_follow(&shared->count);
	unsigned i, j;

	*x = (struct extent){ .low = HIST_BUCKETS };
	words_copy(node, shared, offsetof(struct latency_node, octave));
	/*
	 * Pairs with row_write_begin(): of a call whose time is in the copy the
	 * bucket is read after this.
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
		return bad(r, "node that fits nowhere", number);
	}
	for (i = 0; i < HIST_OCTAVES; i++) {
		if (!take_line(r, node->octave[i],
			       "octave outside the file")) {
			return false;
		}
	}
	make_whole(r, node);
	return read_errors(r, node);
}

static bool read_nodes(struct reading *r, const struct latency_slot *slot)
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

static bool terminated(const char *string, size_t size)
{
	return memchr(string, '\0', size) != NULL;
}

/*
 * The number of nodes is read first: it was published after their chunks. The
 * next slot was published with what is in it.
 */
static void read_slot(struct latency_slot *slot,
		      const struct latency_slot *shared)
{
	/* Pairs with the word_publish() of node_create(). */
	uint32_t nodes = word_follow(&shared->nodes);

	words_copy(slot, shared, sizeof(*slot));
	slot->nodes = nodes;
	/* Pairs with the word_publish() of slot_create(). */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
}

static bool read_slots(struct reading *r)
{
	uint32_t line;

	for (line = r->image->header->first_slot; line != 0;) {
		struct latency_slot *slot;

		if (!inside(r, line, sizeof(*slot))) {
			return bad(r, "slot outside the file", line);
		}
		if (!take(r, line, sizeof(*slot))) {
			return false;
		}
		slot = image_mutable(r, line);
		read_slot(slot, shared_of(r, slot));
		if (!terminated(slot->key.share, sizeof(slot->key.share)) ||
		    !terminated(slot->key.user, sizeof(slot->key.user)) ||
		    !terminated(slot->key.client, sizeof(slot->key.client)) ||
		    !terminated(slot->key.objects, sizeof(slot->key.objects))) {
			return bad(r, "unterminated name in a slot", line);
		}
		if (!read_nodes(r, slot) || !files_read(r, slot)) {
			return false;
		}
		line = slot->next;
	}
	return true;
}

static bool slot_listed(const struct reading *r, uint32_t line)
{
	const struct latency_slot *slot;

	for (slot = image_slot(r->image, NULL); slot != NULL;
	     slot = image_slot(r->image, slot)) {
		if (slot == image_at(r->image, line)) {
			return true;
		}
	}
	return false;
}

/* Are the frames around a slow op those of ops? */
static bool around_known(const struct reading *r,
			 const struct latency_slow *slow)
{
	unsigned i;

	for (i = 0; i < LATENCY_SLOW_AROUND; i++) {
		uint16_t frame = slow->around[i];

		if (frame != 0 && (LATENCY_FRAME_LAYER(frame) == 0 ||
				   !frame_known(r, frame))) {
			return false;
		}
	}
	return true;
}

static bool read_slow_ring(struct reading *r)
{
	struct latency_slow_ring *ring;
	uint32_t line = r->image->header->slow_ring;
	unsigned i;

	if (line == 0) {
		return true;
	}
	if (!inside(r, line, sizeof(*ring))) {
		return bad(r, "slow ops outside the file", line);
	}
	if (!take(r, line, sizeof(*ring))) {
		return false;
	}
	ring = image_mutable(r, line);
	words_copy(ring, shared_of(r, ring),
		   offsetof(struct latency_slow_ring, entry));
	for (i = 0; i < LATENCY_SLOW_ENTRIES; i++) {
		struct latency_slow *slow = &ring->entry[i];

		if (!seq_read(shared_of(r, slow), slow, sizeof(*slow))) {
			slow->number = 0;
			continue;
		}
		if (slow->number == 0) {
			continue;
		}
		if (!terminated(slow->path, sizeof(slow->path)) ||
		    !frame_known(r, slow->frame) ||
		    !frame_known(r, slow->root) ||
		    LATENCY_FRAME_LAYER(slow->root) != 0 ||
		    !around_known(r, slow) ||
		    !slot_listed(r, slow->slot)) {
			return bad(r, "slow op that makes no sense", i);
		}
	}
	return true;
}

static bool read_folded(struct reading *r)
{
	const struct latency_header *h = r->image->header;
	size_t size = h->folded_count * sizeof(uint64_t);
	void *ids;

	if (h->folded_count == 0) {
		return true;
	}
	if (h->folded_count > r->image->size || !inside(r, h->folded, size)) {
		return bad(r, "list of the folded outside the file",
			   h->folded);
	}
	if (!take(r, h->folded, size)) {
		return false;
	}
	ids = image_mutable(r, h->folded);
	words_copy(ids, shared_of(r, ids), size);
	return true;
}

static bool read_merged(struct reading *r)
{
	uint32_t line = r->image->header->merged;
	struct latency_merged *merged;

	if (line == 0) {
		return true;
	}
	if (!inside(r, line, sizeof(*merged))) {
		return bad(r, "times of merging outside the file", line);
	}
	if (!take(r, line, sizeof(*merged))) {
		return false;
	}
	merged = image_mutable(r, line);
	words_copy(merged, shared_of(r, merged), sizeof(*merged));
	return true;
}

/* -------------------------- time, and the op now ------------------------- */

static bool is_outermost_op(const struct reading *r,
			    const struct latency_slot *slot,
			    const struct latency_node *node)
{
	const struct latency_node *parent;

	parent = image_node(r->image, slot, node->parent);
	return LATENCY_FRAME_LAYER(node->frame) != 0 &&
		LATENCY_FRAME_LAYER(parent->frame) == 0;
}

/*
 * The begin in ticks of the outermost op under way, the oldest one below a
 * root, and its node in *op; 0, NULL: none. A node that came after the slots
 * were copied is of a young op.
 */
static uint64_t outermost_begun(const struct reading *r,
				const struct latency_node **op)
{
	const struct latency_slot *slot;
	uint64_t oldest = 0;
	unsigned i;

	*op = NULL;
	for (slot = image_slot(r->image, NULL); slot != NULL;
	     slot = image_slot(r->image, slot)) {
		for (i = LATENCY_NODE_OVERFLOW + 1; i < slot->nodes; i++) {
			const struct latency_node *node, *shared;
			uint64_t begun;

			node = image_node(r->image, slot, i);
			if (!is_outermost_op(r, slot, node)) {
				continue;
			}
			shared = shared_of(r, node);
			begun = word_read(&shared->begun);
			if (begun != 0 && (oldest == 0 || begun < oldest)) {
				oldest = begun;
				*op = node;
			}
		}
	}
	return oldest;
}

static uint64_t ticks_ns(const struct latency_now *now, uint64_t ticks)
{
	__int128 ns = (__int128)(int64_t)(ticks - now->base_ticks) *
		(__int128)now->ns_per_tick / ((__int128)1 << 32) +
		(__int128)now->base_ns;

	return ns > 0 && ns <= INT64_MAX ? (uint64_t)ns : 0;
}

/*
 * Copies the times, and since when the outermost op is under way: both of one
 * moment, if a long op ends meanwhile. See latency_now.
 */
static void read_time(struct reading *r)
{
	struct latency_header *h = (struct latency_header *)r->image->data;
	const struct latency_node *op, *again;
	uint64_t begun, begun_again;
	unsigned i;

	seq_read(shared_of(r, &h->now), &h->now, sizeof(h->now));
	begun = outermost_begun(r, &op);
	for (i = 0; i < TIME_TRIES; i++) {
		seq_read(shared_of(r, &h->time), &h->time, sizeof(h->time));
		begun_again = outermost_begun(r, &again);
		if (op == again && begun == begun_again) {
			break;
		}
		op = again;
		begun = begun_again;
	}
	seq_read(shared_of(r, &h->work), &h->work, sizeof(h->work));
	r->image->op_begun_ns = begun != 0 && h->now.ns_per_tick != 0 &&
		h->kind == LATENCY_KIND_PROCESS && r->image->owned ?
		ticks_ns(&h->now, begun) : 0;
}

/* ---------------------------- what is under way -------------------------- */

/* Calls visit() for each node of the image. */
static void each_node(const struct reading *r,
		      void (*visit)(const struct reading *r,
				    struct latency_node *node))
{
	const struct latency_slot *slot;
	unsigned i;

	for (slot = image_slot(r->image, NULL); slot != NULL;
	     slot = image_slot(r->image, slot)) {
		for (i = 0; i < slot->nodes; i++) {
			/* It is in image->data, which is ours. */
			visit(r, (struct latency_node *)image_node(r->image,
								   slot, i));
		}
	}
}

static void take_begun(const struct reading *r, struct latency_node *node)
{
	const struct latency_node *shared = shared_of(r, node);

	node->begun = word_read(&shared->begun);
}

/* In ns if the same call is still under way, else 0. */
static void verify_begun(const struct reading *r, struct latency_node *node)
{
	const struct latency_node *shared = shared_of(r, node);
	const struct latency_now *now = &r->image->header->now;

	if (node->begun != 0) {
		node->begun = now->ns_per_tick != 0 &&
			word_read(&shared->begun) == node->begun ?
			ticks_ns(now, node->begun) : 0;
	}
}

static void make_ended(const struct reading *r, struct latency_node *node)
{
	(void)r;
	node->begun = 0;
}

static bool check_flights(const struct reading *r)
{
	const struct flight_list *list = &r->image->flights;
	unsigned i;

	for (i = 0; i < list->count; i++) {
		const struct latency_flight *flight = &list->flight[i];

		if (!frame_known(r, flight->frame) ||
		    (flight->slot != 0 && !slot_listed(r, flight->slot))) {
			return bad(r, "request or operation under way that "
				   "makes no sense", i);
		}
	}
	return true;
}

/*
 * Everything twice, the time in between: what is the same both times was under
 * way then.
 */
static bool read_under_way(struct reading *r)
{
	struct segment_image *image = r->image;
	const char *wrong;

	if (!image->owned || image->header->kind != LATENCY_KIND_PROCESS) {
		each_node(r, make_ended);
		return true;
	}
	each_node(r, take_begun);
	wrong = flights_copy(&image->flights, image->header, r->shared,
			     image->size);
	if (wrong != NULL) {
		return bad(r, wrong, image->header->flights);
	}
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	image->now_ns = clock_read_ns(CLOCK_MONOTONIC);
	flights_verify(&image->flights, image->header, r->shared);
	each_node(r, verify_begun);
	return check_flights(r);
}

/* ------------------------------ the header ------------------------------- */

static bool check_header(struct reading *r)
{
	struct latency_header *h = (struct latency_header *)r->image->data;

	if (memcmp(h->magic, LATENCY_MAGIC, sizeof(h->magic)) != 0) {
		error_set(r->error, "%s: not a segment: wrong magic",
			  r->image->name);
		return false;
	}
	if (h->byte_order != LATENCY_BYTE_ORDER) {
		return bad(r, "written with another byte order",
			   h->byte_order);
	}
	if (h->major != LATENCY_MAJOR) {
		error_set(r->error, "%s: has format version %u.%u, this "
			  "program reads version %u", r->image->name,
			  h->major, h->minor, LATENCY_MAJOR);
		return false;
	}
	if (h->header_size < sizeof(*h) || h->header_size > r->image->size ||
	    h->header_size % LATENCY_LINE != 0) {
		return bad(r, "header size out of range", h->header_size);
	}
	if (h->kind != LATENCY_KIND_PROCESS &&
	    h->kind != LATENCY_KIND_DEPARTED) {
		return bad(r, "unknown kind of segment", h->kind);
	}
	if (h->op_count > LATENCY_MAX_OPS) {
		return bad(r, "number of ops out of range", h->op_count);
	}
	if (!terminated(h->samba_version, sizeof(h->samba_version)) ||
	    !terminated(h->module_version, sizeof(h->module_version))) {
		return bad(r, "unterminated version", 0);
	}
	return true;
}

/* A name is there as a whole if its first word is, see publish_layer(). */
static bool read_layers(const struct reading *r)
{
	struct latency_header *h = (struct latency_header *)r->image->data;
	unsigned i;

	for (i = 0; i < LATENCY_MAX_LAYERS; i++) {
		char *name = h->layer[i].name;
		const uint64_t *shared = shared_of(r, name);
		uint64_t first = word_follow(shared);

		words_copy(name, shared, sizeof(h->layer[i].name));
		memcpy(name, &first, sizeof(first));
		if (!terminated(name, sizeof(h->layer[i].name))) {
			return bad(r, "unterminated layer name", i);
		}
	}
	return true;
}

static bool read_ops(const struct reading *r)
{
	struct latency_header *h = (struct latency_header *)r->image->data;
	unsigned i;

	words_copy(h->op, shared_of(r, h->op), h->op_count * sizeof(h->op[0]));
	for (i = 0; i < h->op_count; i++) {
		if (!terminated(h->op[i].name, sizeof(h->op[i].name)) ||
		    h->op[i].error_class > LATENCY_CLASS_VOID) {
			return bad(r, "op that makes no sense", i);
		}
	}
	return true;
}

/* ------------------------------ the whole -------------------------------- */

bool segment_copy(struct segment_image *image, const void *shared,
		  unsigned char *taken, struct latency_error *error)
{
	struct reading reading = { .image = image,
				   .shared = shared,
				   .taken = taken,
				   .error = error };
	struct reading *r = &reading;
	struct latency_header *h = (struct latency_header *)r->image->data;

	words_copy(h, r->shared, offsetof(struct latency_header, layer));
	/* Pairs with segment_add_op() and slot_create(). */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!check_header(r) || !read_layers(r) || !read_ops(r)) {
		return false;
	}
	if (!read_slots(r)) {
		return false;
	}
	read_time(r);
	return read_under_way(r) && read_slow_ring(r) && read_folded(r) &&
		read_merged(r);
}
