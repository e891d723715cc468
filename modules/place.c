/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "place.h"
#include "invariant.h"

/* Stands in for every unknown child: it has no handle, so it matches none. */
static struct place unknown;
static struct place *none_known[OP_COUNT] = {
	[0 ... OP_COUNT - 1] = &unknown,
};

static struct latency_node no_node;
struct place place_nowhere = { .writer.node = &no_node, .child = none_known };
struct place *place_current = &place_nowhere;

bool place_is_under_way(const struct place *place)
{
	const struct place *above;

	for (above = place_current; !place_is_root(above);
	     above = above->outer) {
		if (above == place) {
			return true;
		}
	}
	return false;
}

/* ------------------------------ known children --------------------------- */

void place_forget_child(struct place *parent, unsigned op)
{
	if (parent->own_child != NULL) {
		parent->own_child[op] = &unknown;
	}
}

void place_know_child(struct place *parent, unsigned op, struct place *place)
{
	if (parent->own_child == NULL) {
		parent->own_child = arena_alloc(&parent->slot->segment->arena,
						sizeof(none_known));
		if (parent->own_child == NULL) {
			return;
		}
		memcpy(parent->own_child, none_known, sizeof(none_known));
		parent->child = parent->own_child;
	}
	parent->own_child[op] = place;
}

static void roots_forget(struct slot_writer *slot);

void layer_forget(struct layer *layer)
{
	struct place *place;
	unsigned i;

	roots_forget(layer->slot);
	for (i = 0; i < LAYER_BUCKETS; i++) {
		for (place = layer->places[i]; place != NULL;
		     place = place->next_place) {
			place_forget_child(place->parent,
				     LATENCY_FRAME_OP(place->frame_op));
			place->writer.span_ns = 0;
		}
	}
}

/* -------------------------------- the tree ------------------------------- */

/* What the module keeps for a slot. */
struct slot_places {
	struct place *root[LATENCY_ROOT_END];
	struct place overflow;
	struct layer *layers;
};

static struct slot_places *slot_places(struct slot_writer *slot)
{
	if (slot->private_data == NULL) {
		slot->private_data = arena_alloc(&slot->segment->arena,
						 sizeof(struct slot_places));
	}
	return slot->private_data;
}

struct layer *slot_layers(const struct slot_writer *slot)
{
	const struct slot_places *places = slot->private_data;

	return places != NULL ? places->layers : NULL;
}

bool slot_add_layer(struct layer *layer)
{
	struct slot_places *places = slot_places(layer->slot);

	if (places == NULL) {
		return false;
	}
	layer->beside = places->layers;
	places->layers = layer;
	return true;
}

/* No duration of a request is a usual one any more. */
static void roots_forget(struct slot_writer *slot)
{
	struct slot_places *places = slot->private_data;
	unsigned i;

	for (i = 0; places != NULL && i < LATENCY_ROOT_END; i++) {
		if (places->root[i] != NULL) {
			places->root[i]->writer.span_ns = 0;
		}
	}
}

static struct place *new_place(struct slot_writer *slot,
			       struct latency_node *node)
{
	struct place *place = arena_alloc(&slot->segment->arena,
					  sizeof(*place));

	if (place != NULL) {
		place->slot = slot;
		place->child = none_known;
		place->writer.node = node;
	}
	return place;
}

static __attribute__((noinline)) struct place *
new_root(struct slot_writer *slot, unsigned root)
{
	struct slot_places *places = slot_places(slot);

	if (places == NULL) {
		return NULL;
	}
	places->root[root] = new_place(
		slot, slot_node_below(slot, slot_node(slot, LATENCY_NODE_TOP),
				      LATENCY_FRAME(0, root)));
	return places->root[root];
}

struct place *place_of_root(struct slot_writer *slot, unsigned root)
{
	const struct slot_places *places = slot->private_data;

	if (places != NULL && places->root[root] != NULL) {
		return places->root[root];
	}
	return new_root(slot, root);
}

struct place *place_of_part(struct slot_writer *slot, struct place *root,
			    enum latency_root part, struct place **known)
{
	struct latency_node *node;

	node = slot_node_below(slot, root->writer.node, LATENCY_FRAME(0, part));
	if (node->number != LATENCY_NODE_OVERFLOW) {
		*known = new_place(slot, node);
	}
	return *known;
}

/* What finds no room in the tree: one place, since it is never nested. */
static struct place *overflow(struct layer *layer, struct latency_node *node)
{
	struct slot_places *places = slot_places(layer->slot);

	if (places == NULL) {
		return NULL;
	}
	places->overflow.layer = layer;
	places->overflow.slot = layer->slot;
	places->overflow.child = none_known;
	places->overflow.writer.node = node;
	return &places->overflow;
}

struct place *place_below(struct layer *layer, struct place *parent,
			  unsigned frame_op)
{
	uintptr_t key = (uintptr_t)parent / sizeof(*parent) + frame_op;
	struct place **bucket = &layer->places[key % LAYER_BUCKETS];
	struct latency_node *node;
	struct place *place;

	INVARIANT(parent->slot == layer->slot);
	for (place = *bucket; place != NULL; place = place->next_place) {
		if (place->parent == parent && place->frame_op == frame_op) {
			return place;
		}
	}
	if (parent->writer.node->number == LATENCY_NODE_OVERFLOW) {
		return overflow(layer, parent->writer.node);
	}
	node = slot_node_below(layer->slot, parent->writer.node,
			       LATENCY_FRAME(layer->number, 0) | frame_op);
	if (node->number == LATENCY_NODE_OVERFLOW) {
		return overflow(layer, node);
	}
	place = new_place(layer->slot, node);
	if (place != NULL) {
		place->layer = layer;
		place->parent = parent;
		place->frame_op = frame_op;
		place->next_place = *bucket;
		*bucket = place;
	}
	return place;
}
