/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "answer.h"
#include "context_tree.h"
#include "frame_name.h"
#include "table_add.h"

/* What is known of the slot that is being added. */
struct adding {
	struct table *table;
	const struct segment_image *image;
	const struct latency_slot *slot;
	char process[16];
};

/* The names of a node in each dimension, "" where it has none. */
struct node_names {
#define DIMENSION(NAME, name, tables, label, useful) const char *name;
#include "dimension_table.h"
};

static struct group *group_of(const struct adding *a,
			      const struct node_names *names)
{
	const char *key[DIMENSIONS] = {
#define DIMENSION(NAME, name, tables, label, useful) [BY_##NAME] = names->name,
#include "dimension_table.h"
	};
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		if ((table_by(a->table) & BY(d)) == 0) {
			key[d] = "";
		}
	}
	return table_group(a->table, key);
}

/*
 * How many untimed calls of the node an upper layer has not counted already.
 * An exempt op has no node below it: the layers that it passes through count it
 * in siblings, so of those with the same op the highest count is that of calls.
 */
static uint64_t own_untimed(const struct adding *a,
			    const struct latency_node *node, uint32_t number)
{
	uint64_t counted = 0;
	uint32_t i;

	for (i = node->parent + 1; node->untimed != 0 && i < number; i++) {
		const struct latency_node *other =
			image_node(a->image, a->slot, i);

		if (other->parent == node->parent &&
		    LATENCY_FRAME_OP(other->frame) ==
		    LATENCY_FRAME_OP(node->frame) &&
		    LATENCY_FRAME_LAYER(other->frame) != 0 &&
		    other->untimed > counted) {
			counted = other->untimed;
		}
	}
	return node->untimed > counted ? node->untimed - counted : 0;
}

/* The part of a node that is in the table: see TABLE_OPS. */
struct part {
	bool handed_on;			/* its self time only */
	struct context_below below;
	uint64_t untimed;
};

/* Adds all that was counted in a node to a group of which it is a part. */
static void add_counters(const struct adding *a,
			 const struct latency_node *node, struct group *g)
{
	const char *name = frame_name(a->image->header, node->frame);
	uint64_t before;

	if (node->error_code == 0) {
		image_node_add(a->image, node, &g->sum);
		return;
	}
	/* The group may be of several ops, whose answers are not the same. */
	before = answers_in(name, &g->sum);
	image_node_add(a->image, node, &g->sum);
	g->answers += answers_in(name, &g->sum) - before;
}

static bool add_node(const struct adding *a, const struct latency_node *node,
		     const char *root, const struct part *part)
{
	const struct latency_header *h = a->image->header;
	unsigned layer = LATENCY_FRAME_LAYER(node->frame);
	const struct node_names names = {
		.share = a->slot->key.share,
		.user = a->slot->key.user,
		.client = a->slot->key.client,
		.process = a->process,
		.layer = layer == 0 ? "" : h->layer[layer].name,
		.request = LATENCY_FRAME_IS_LOGON(node->frame) ?
			frame_name(h, node->frame) : root,
		.op = layer == 0 && table_source(a->table) != TABLE_OPS ?
			"" : frame_name(h, node->frame),
	};
	struct group *g;

	if (node->count == 0 && node->untimed == 0) {
		return true;
	}
	g = group_of(a, &names);
	if (g == NULL) {
		return false;
	}
	if (node->total_ns > part->below.total_ns) {
		g->self_ns += node->total_ns - part->below.total_ns;
	}
	g->send_ns += part->below.send_ns;
	if (!part->handed_on) {
		add_counters(a, node, g);
		g->sum.untimed -= node->untimed - part->untimed;
	}
	return true;
}

/* Is the node of what the table is made of? */
static bool belongs(const struct table *table, const struct latency_node *node)
{
	unsigned op = LATENCY_FRAME_OP(node->frame);

	if (LATENCY_FRAME_LAYER(node->frame) != 0) {
		return table_source(table) == TABLE_OPS;
	}
	if (op == LATENCY_ROOT_OVERFLOW) {
		/* What overflowed was an op, of a name that is not known. */
		return table_source(table) == TABLE_OPS;
	}
	if (op == LATENCY_ROOT_PENDING) {
		return table_source(table) == TABLE_PENDING;
	}
	if (LATENCY_FRAME_IS_LOGON(node->frame)) {
		return table_source(table) == TABLE_LOGON;
	}
	return table_source(table) == TABLE_REQUESTS && op < LATENCY_OPCODES;
}

/* The part of node number i that is in the table. */
static struct part part_of(const struct adding *a,
			   const struct latency_node *node, uint32_t i,
			   const struct context_below *below)
{
	struct part part = {
		.below = *below,
		.untimed = node->untimed,
	};

	if ((table_by(a->table) & BY(BY_LAYER)) == 0 &&
	    i > LATENCY_NODE_OVERFLOW &&
	    LATENCY_FRAME_LAYER(node->frame) != 0) {
		part.handed_on = context_is_handed_on(
			node, image_node(a->image, a->slot, node->parent));
		part.untimed = own_untimed(a, node, i);
	}
	return part;
}

static bool add_nodes(const struct adding *a)
{
	struct context_below below[LATENCY_MAX_NODES];
	const char *root[LATENCY_MAX_NODES];
	uint32_t i;

	context_below(a->image, a->slot, below);
	root[0] = "";
	for (i = LATENCY_NODE_OVERFLOW; i < a->slot->nodes; i++) {
		const struct latency_node *node =
			image_node(a->image, a->slot, i);

		root[i] = node->parent == LATENCY_NODE_TOP ?
			frame_name(a->image->header, node->frame) :
			root[node->parent];
		if (belongs(a->table, node)) {
			const struct part part = part_of(a, node, i,
							 &below[i]);

			if (!add_node(a, node, root[i], &part)) {
				return false;
			}
		}
	}
	return true;
}

bool table_add(struct table *table, const struct segment_image *image,
	       const struct filter *filter)
{
	struct adding a = { .table = table, .image = image };
	const struct latency_slot *slot;

	if (image->header->first_slot == 0 || !filter_image(filter, image)) {
		return true;
	}
	if (image->header->kind == LATENCY_KIND_PROCESS && image->owned) {
		snprintf(a.process, sizeof(a.process), "%u",
			 image->header->pid);
	} else {
		strcpy(a.process, TABLE_DEPARTED);
	}
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		if (!filter_slot(filter, slot)) {
			continue;
		}
		a.slot = slot;
		if (!add_nodes(&a)) {
			return false;
		}
	}
	return true;
}
