/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "connection_reader.h"
#include "file_reader.h"
#include "node_reader.h"
#include "now_reader.h"
#include "segment_copy.h"
#include "segment_reading.h"
#include "sequence.h"

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
	/* NUMBER_BEFORE_PART, pairs with the number of node_create(). */
	uint32_t nodes = word_follow(&shared->nodes);

	words_copy(slot, shared, sizeof(*slot));
	slot->nodes = nodes;
	/* REFERENCE_BEFORE_SLOT, pairs with that of slot_create(). */
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
		if (!nodes_read(r, slot) || !files_read(r, slot)) {
			return false;
		}
		line = slot->next;
	}
	return true;
}

/* Are the frames around a slow op those of ops? */
static bool around_known(const struct reading *r,
			 const struct latency_slow *slow)
{
	unsigned i;

	if (LATENCY_FRAME_LAYER(slow->frame) == 0) {
		/* A request, which has its own words there. */
		return true;
	}
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
		return bad(r, "list of folded segments outside the file",
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
		return bad(r, "merge times outside the file", line);
	}
	if (!take(r, line, sizeof(*merged))) {
		return false;
	}
	merged = image_mutable(r, line);
	words_copy(merged, shared_of(r, merged), sizeof(*merged));
	return true;
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
		/* Pairs with the word_publish() of publish_layer(). */
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
	/*
	 * NUMBER_BEFORE_PART, pairs with segment_add_op(), and
	 * REFERENCE_BEFORE_SLOT, pairs with slot_create().
	 */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!check_header(r) || !read_layers(r) || !read_ops(r)) {
		return false;
	}
	if (!read_slots(r)) {
		return false;
	}
	time_read(r);
	return under_way_read(r) && read_slow_ring(r) && read_folded(r) &&
		read_merged(r) && connections_read(r);
}
