/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context_tree.h"
#include "frame_name.h"

/* Pending requests wait for their own async ops, too: what that leaves. */
static uint64_t context_pending_self(uint64_t pending_ns, uint64_t async_ns)
{
	return pending_ns > async_ns ? pending_ns - async_ns : 0;
}

/* Does the total of a child of this kind lie within that of its parent? */
static bool context_is_nested(bool child_async, bool parent_async,
			      bool parent_is_request)
{
	return !child_async || parent_async || parent_is_request;
}

/* The same, of nodes of a segment. */
static bool node_is_nested(const struct latency_node *child,
			   const struct latency_node *parent)
{
	return context_is_nested(child->frame & LATENCY_FRAME_ASYNC,
				 parent->frame & LATENCY_FRAME_ASYNC,
				 LATENCY_FRAME_LAYER(parent->frame) == 0 &&
				 LATENCY_FRAME_OP(parent->frame) <
				 LATENCY_OPCODES);
}

bool context_is_handed_on(const struct latency_node *node,
			  const struct latency_node *parent)
{
	unsigned above = LATENCY_FRAME_LAYER(parent->frame);

	return above != 0 && above != LATENCY_FRAME_LAYER(node->frame) &&
		LATENCY_FRAME_OP(parent->frame) ==
		LATENCY_FRAME_OP(node->frame) && node_is_nested(node, parent);
}

void context_below(const struct segment_image *image,
		   const struct latency_slot *slot,
		   struct context_below below[LATENCY_MAX_NODES])
{
	uint32_t i;

	memset(below, 0, slot->nodes * sizeof(below[0]));
	for (i = LATENCY_NODE_OVERFLOW + 1; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);
		struct context_below *b = &below[node->parent];

		if (node->frame == LATENCY_FRAME(0, LATENCY_ROOT_PENDING)) {
			b->pending_ns += node->total_ns;
			continue;
		}
		if (LATENCY_FRAME_IS_LOGON(node->frame)) {
			continue;
		}
		if (node_is_nested(node, image_node(image, slot,
						    node->parent))) {
			b->total_ns += node->total_ns;
			if (node->frame & LATENCY_FRAME_ASYNC) {
				b->async_ns += node->total_ns;
			}
		}
		if (node->frame == LATENCY_FRAME(0, LATENCY_ROOT_SEND)) {
			b->send_ns += node->total_ns;
		}
	}
	for (i = 0; i < slot->nodes; i++) {
		below[i].total_ns += context_pending_self(below[i].pending_ns,
							  below[i].async_ns);
	}
}

static struct context_node *child_named(const struct context_node *parent,
					const char *layer, const char *op,
					bool async)
{
	struct context_node *n;

	for (n = parent->child; n != NULL; n = n->next) {
		if (n->async == async && strcmp(n->layer, layer) == 0 &&
		    strcmp(n->op, op) == 0) {
			return n;
		}
	}
	return NULL;
}

struct context_node *context_tree_child(struct context_node *parent,
					const char *layer, const char *op,
					bool async)
{
	struct context_node *n = child_named(parent, layer, op, async);

	if (n != NULL) {
		return n;
	}
	n = calloc(1, sizeof(*n));
	if (n == NULL) {
		return NULL;
	}
	snprintf(n->layer, sizeof(n->layer), "%s", layer);
	snprintf(n->op, sizeof(n->op), "%s", op);
	n->async = async;
	n->parent = parent;
	n->next = parent->child;
	parent->child = n;
	return n;
}

bool context_tree_complete(struct context_node *to,
			   const struct context_node *from)
{
	const struct context_node *n;

	for (n = from->child; n != NULL; n = n->next) {
		struct context_node *own = context_tree_child(to, n->layer,
							      n->op, n->async);

		if (own == NULL || !context_tree_complete(own, n)) {
			return false;
		}
		if (own->name[0] == '\0') {
			memcpy(own->name, n->name, sizeof(own->name));
		}
	}
	return true;
}

static bool add_slot(struct context_node *top,
		     const struct segment_image *image,
		     const struct latency_slot *slot)
{
	const struct latency_header *h = image->header;
	struct context_node *at[LATENCY_MAX_NODES];
	uint32_t i;

	at[LATENCY_NODE_TOP] = top;
	for (i = LATENCY_NODE_OVERFLOW; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);
		unsigned layer = LATENCY_FRAME_LAYER(node->frame);

		if (i == LATENCY_NODE_OVERFLOW && node->count == 0) {
			at[i] = top;
			continue;
		}
		if (LATENCY_FRAME_IS_LOGON(node->frame)) {
			/* Nothing is below it. */
			at[i] = at[node->parent];
			continue;
		}
		at[i] = context_tree_child(at[node->parent],
				  layer == 0 ? "" : h->layer[layer].name,
				  frame_name(h, node->frame),
				  (node->frame & LATENCY_FRAME_ASYNC) != 0);
		if (at[i] == NULL) {
			return false;
		}
		at[i]->count += node->count;
		at[i]->total_ns += node->total_ns;
	}
	return true;
}

struct context_node *context_tree_new(void)
{
	return calloc(1, sizeof(struct context_node));
}

bool context_tree_add(struct context_node *top,
		      const struct segment_image *image,
		      const struct filter *filter)
{
	const struct latency_slot *slot;

	if (!filter_image(filter, image)) {
		return true;
	}
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		if (filter_slot(filter, slot) && !add_slot(top, image, slot)) {
			return false;
		}
	}
	return true;
}

static bool is_request(const struct context_node *n)
{
	return n->layer[0] == '\0' && strncmp(n->op, "SMB2_OP_", 8) == 0;
}

static bool is_pending(const struct context_node *n)
{
	return n->layer[0] == '\0' &&
		strcmp(n->op, root_name(LATENCY_ROOT_PENDING)) == 0;
}

static void set_names(struct context_node *n, bool with_layer)
{
	for (; n != NULL; n = n->next) {
		snprintf(n->name, sizeof(n->name), "%s%s%s%s",
			 with_layer ? n->layer : "",
			 with_layer && n->layer[0] != '\0' ? ":" : "", n->op,
			 n->async ? " (async)" : "");
		set_names(n->child, with_layer);
	}
}

/* Roots that are no requests are made of the calls directly below them. */
static void sum_plain_roots(struct context_node *top)
{
	struct context_node *root, *child;

	for (root = top->child; root != NULL; root = root->next) {
		if (is_request(root) || root->child == NULL) {
			continue;
		}
		root->count = root->total_ns = 0;
		for (child = root->child; child != NULL; child = child->next) {
			root->count += child->count;
			root->total_ns += child->async ? 0 : child->total_ns;
		}
	}
}

static void set_self(struct context_node *n)
{
	struct context_node *child, *pending = NULL;
	uint64_t below = 0, async = 0;

	for (child = n->child; child != NULL; child = child->next) {
		set_self(child);
		if (is_pending(child)) {
			pending = child;
		} else if (context_is_nested(child->async, n->async,
					     is_request(n))) {
			below += child->total_ns;
			async += child->async ? child->total_ns : 0;
		}
	}
	if (pending != NULL) {
		pending->self_ns = context_pending_self(pending->total_ns,
							async);
		below += pending->self_ns;
	}
	n->self_ns = n->total_ns > below ? n->total_ns - below : 0;
}

/* Does `a` come before `b`? */
static bool before(const struct context_node *a, const struct context_node *b)
{
	if (a->total_ns != b->total_ns) {
		return a->total_ns > b->total_ns;
	}
	return strcmp(a->name, b->name) < 0;
}

/* Sorts the children of a node by insertion: there are few of them. */
static void sort(struct context_node *n)
{
	struct context_node *rest = n->child;

	n->child = NULL;
	while (rest != NULL) {
		struct context_node *moving = rest;
		struct context_node **link = &n->child;

		rest = rest->next;
		while (*link != NULL && before(*link, moving)) {
			link = &(*link)->next;
		}
		moving->next = *link;
		*link = moving;
		sort(moving);
	}
}

/* Is there more than one layer in the tree? */
static bool many_layers(const struct context_node *n, const char **layer)
{
	for (; n != NULL; n = n->next) {
		if (n->layer[0] != '\0') {
			if (*layer == NULL) {
				*layer = n->layer;
			} else if (strcmp(*layer, n->layer) != 0) {
				return true;
			}
		}
		if (many_layers(n->child, layer)) {
			return true;
		}
	}
	return false;
}

void context_tree_finish(struct context_node *top)
{
	const char *layer = NULL;

	set_names(top->child, many_layers(top->child, &layer));
	sum_plain_roots(top);
	set_self(top);
	sort(top);
}

static void subtract(struct context_node *n, const struct context_node *before)
{
	struct context_node *child;

	for (child = n->child; child != NULL; child = child->next) {
		const struct context_node *same = child_named(
			before, child->layer, child->op, child->async);

		if (same == NULL || child->count < same->count) {
			continue;
		}
		child->count -= same->count;
		child->total_ns -= same->total_ns;
		subtract(child, same);
	}
}

void context_tree_subtract(struct context_node *tree,
			   const struct context_node *earlier)
{
	subtract(tree, earlier);
	sum_plain_roots(tree);
	set_self(tree);
	sort(tree);
}

void context_tree_free(struct context_node *tree)
{
	while (tree != NULL) {
		struct context_node *next = tree->next;

		context_tree_free(tree->child);
		free(tree);
		tree = next;
	}
}
