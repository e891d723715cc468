/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>

#include "invariant.h"
#include "name.h"
#include "slot_writer.h"
#include "time_ns.h"

#define FIRST_NODE_ENTRIES 256u

static uint32_t node_place(const struct slot_writer *s, unsigned parent,
			   unsigned frame)
{
	uint32_t key = (uint32_t)parent << 16 | frame;

	return (key * 0x9e3779b1u) >> 16 & s->node_mask;
}

/* The number is not taken from the node, where anything may be by now. */
static void node_insert(struct slot_writer *s, uint16_t number)
{
	const struct latency_node *node = slot_node(s, number);
	uint32_t i = node_place(s, node->parent, node->frame);

	/* Half of the entries are free: this ends. */
	INVARIANT(s->nodes <= (s->node_mask + 1) / 2);
	while (s->node[i] != 0) {
		i = (i + 1) & s->node_mask;
	}
	s->node[i] = number;
}

/* Keeps the hash table at most half full. All older ones are half its size. */
static bool node_table_grow(struct slot_writer *s)
{
	uint32_t entries = s->node_mask + 1;
	const uint16_t *old = s->node;
	uint16_t *new;
	uint32_t i;

	if (s->nodes < entries / 2) {
		return true;
	}
	new = arena_alloc(&s->segment->arena, entries * 2 * sizeof(*new));
	if (new == NULL) {
		return false;
	}
	s->node = new;
	s->node_mask = entries * 2 - 1;
	for (i = 0; i < entries; i++) {
		if (old[i] != 0) {
			node_insert(s, old[i]);
		}
	}
	return true;
}

/* Claims the next node; NULL if there is no room. */
static struct latency_node *node_create(struct slot_writer *s, unsigned parent,
					unsigned frame)
{
	unsigned number = s->nodes;
	unsigned chunk = number / LATENCY_CHUNK_NODES;
	struct latency_node *node;

	if (number >= LATENCY_MAX_NODES) {
		return NULL;
	}
	if (s->chunk[chunk] == NULL) {
		uint32_t line = lines_claim(s->segment, LATENCY_CHUNK_NODES *
				      sizeof(struct latency_node));

		if (line == 0) {
			return NULL;
		}
		s->chunk[chunk] = lines_at(s->segment, line);
		word_write(&s->slot->chunk[chunk], line);
	}
	node = slot_node(s, number);
	node->parent = (uint16_t)parent;
	node->frame = (uint16_t)frame;
	node->number = (uint16_t)number;
	node->slot = s->line;
	node->min_ns = UINT64_MAX;
	s->nodes = number + 1;
	/* PART_BEFORE_NUMBER, pairs with read_slot(): its chunk, and in it. */
	word_publish(&s->slot->nodes, s->nodes);
	return node;
}

/*
 * Gives the two nodes that every slot has their place. Neither is looked for,
 * so that the number of the first, 0, stands for no node in the hash table.
 */
static bool first_nodes(struct slot_writer *s)
{
	s->node = arena_alloc(&s->segment->arena,
			      FIRST_NODE_ENTRIES * sizeof(*s->node));
	if (s->node == NULL) {
		return false;
	}
	s->node_mask = FIRST_NODE_ENTRIES - 1;
	return node_create(s, LATENCY_NODE_TOP, 0) != NULL &&
		node_create(s, LATENCY_NODE_TOP,
			    LATENCY_FRAME(0, LATENCY_ROOT_OVERFLOW)) != NULL;
}

static uint64_t key_hash(const struct latency_slot_key *key)
{
	uint64_t hash = names_hash(NAMES_HASH, key->share);

	hash = names_hash(hash, key->user);
	hash = names_hash(hash, key->client);
	return names_hash(hash, key->objects);
}

/* One without a tree connect, or NULL. */
static struct slot_writer *find_free(const struct segment_writer *w,
				     const struct latency_slot_key *key,
				     uint64_t hash)
{
	struct hash_item *item = hash_find(&w->free_slots, hash);

	for (; item != NULL; item = hash_search(item->next, hash)) {
		struct slot_writer *s = HASH_THING(item, struct slot_writer,
						   free);

		/* Somebody may have written over the key, too. */
		if (slot_key_same(&s->slot->key, key)) {
			return s;
		}
	}
	return NULL;
}

static struct slot_writer *slot_create(struct segment_writer *w,
				       const struct latency_slot_key *key)
{
	struct slot_writer *s = arena_alloc(&w->arena, sizeof(*s));

	if (s == NULL) {
		return NULL;
	}
	s->segment = w;
	s->line = lines_claim(w, sizeof(*s->slot));
	if (s->line == 0) {
		return NULL;
	}
	s->slot = lines_at(w, s->line);
	s->slot->key = *key;
	if (w->header->kind == LATENCY_KIND_PROCESS) {
		s->slot->began_ns = clock_read_ns(CLOCK_REALTIME);
	}
	if (!first_nodes(s)) {
		/* All stays claimed, but nothing refers to it. */
		return NULL;
	}
	s->next = w->slots;
	w->slots = s;

	/* SLOT_BEFORE_REFERENCE: the fences of segment_copy(), read_slot(). */
	word_publish(w->last_slot != NULL ? &w->last_slot->next :
		     &w->header->first_slot, s->line);
	w->last_slot = s->slot;
	word_write(&w->header->slots, ++w->slot_count);
	return s;
}

struct slot_writer *segment_slot(struct segment_writer *w,
				 const struct slot_key *names, bool connected)
{
	struct latency_slot_key key = { .share = "" };
	struct slot_writer *s;
	uint64_t hash;

	name_copy(key.share, sizeof(key.share), names->share);
	name_copy(key.user, sizeof(key.user), names->user);
	name_copy(key.client, sizeof(key.client), names->client);
	name_copy(key.objects, sizeof(key.objects), names->objects);

	hash = key_hash(&key);
	s = find_free(w, &key, hash);
	if (s == NULL) {
		s = slot_create(w, &key);
		if (s == NULL) {
			return NULL;
		}
		hash_add(&w->free_slots, &s->free, hash);
	}
	if (connected) {
		hash_remove(&w->free_slots, &s->free);
		word_write(&s->slot->connected, 1);
		word_add(&s->slot->tree_connects, 1);
	}
	return s;
}

void slot_disconnected(struct slot_writer *s)
{
	hash_add(&s->segment->free_slots, &s->free, s->free.key);
	word_write(&s->slot->connected, 0);
}

uint16_t slot_root_frame(const struct slot_writer *s,
			 const struct latency_node *node)
{
	uint16_t number, above = node->parent;

	/* A parent has a smaller number, unless somebody has overwritten it. */
	for (number = node->number; above != LATENCY_NODE_TOP &&
	     above < number && above < s->nodes; above = node->parent) {
		number = above;
		node = slot_node(s, number);
	}
	return node->frame;
}

struct latency_node *slot_node_below(struct slot_writer *s,
				     const struct latency_node *parent,
				     unsigned frame)
{
	uint32_t i = node_place(s, parent->number, frame);
	struct latency_node *node;
	int saved_errno = errno;

	for (; s->node[i] != 0; i = (i + 1) & s->node_mask) {
		node = slot_node(s, s->node[i]);
		if (node->parent == parent->number && node->frame == frame) {
			return node;
		}
	}
	if (parent->number == LATENCY_NODE_OVERFLOW || !node_table_grow(s) ||
	    (node = node_create(s, parent->number, frame)) == NULL) {
		node = slot_node(s, LATENCY_NODE_OVERFLOW);
	} else {
		node_insert(s, (uint16_t)(s->nodes - 1));
	}
	errno = saved_errno;
	return node;
}
