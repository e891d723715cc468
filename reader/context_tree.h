/*
 * The calling context tree of a snapshot, summed over all its slots: by name,
 * so that it does not matter how a segment numbers its ops and layers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CONTEXT_TREE_H
#define CONTEXT_TREE_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"

struct context_node {
	struct context_node *parent;
	struct context_node *child;	/* first */
	struct context_node *next;	/* sibling */
	char name[112]; /* "openat", "top:openat", "SMB2_OP_CREATE" */
	char layer[sizeof(((struct latency_layer *)NULL)->name)]; /* "": root */
	char op[32];			/* without layer */
	bool async;			/* send/recv pair: beside its parent */
	uint64_t count;
	uint64_t total_ns;
	uint64_t self_ns;		/* see context_tree_finish() */
};

/*
 * The node above the roots, its count and total_ns being 0: a tree of nothing.
 * Returns NULL if there is no memory.
 */
struct context_node *context_tree_new(void);

/* Adds what the filter wants of an image. Returns false: no memory. */
bool context_tree_add(struct context_node *top,
		      const struct segment_image *image,
		      const struct filter *filter);

/*
 * The child of this name, made if it is missing; NULL if there is no memory. It
 * is how anything but an image is added.
 */
struct context_node *context_tree_child(struct context_node *parent,
					const char *layer, const char *op,
					bool async);

/* Gives a tree the nodes of another one. Returns false: no memory. */
bool context_tree_complete(struct context_node *to,
			   const struct context_node *from);

/*
 * When all has been added: sets name and self_ns, and sorts siblings by total
 * time, the longest first. Layers are part of the names if there is more than
 * one.
 *
 * self_ns of a node is its total_ns less that of its children. An async child
 * of a synchronous call goes on after its parent has returned and is not
 * subtracted; below a request, or another async op, it is. Where calls that
 * are still under way have children that have ended, and where async children
 * overlap, the children can exceed the parent: self_ns is 0 then. That of
 * "(pending)" is its total_ns less that of its request's async ops, for which
 * it waited, and so much of it is subtracted.
 */
void context_tree_finish(struct context_node *top);

/* Takes away an earlier state of the same tree; both are finished. */
void context_tree_subtract(struct context_node *tree,
			   const struct context_node *earlier);

void context_tree_free(struct context_node *tree);

/*
 * Is this the same call as the node above it, of an upper layer, which a module
 * between the layers has handed on? Then the caller saw the upper one. What
 * that module calls by itself is another op, or below another.
 */
bool context_is_handed_on(const struct latency_node *node,
			  const struct latency_node *parent);

/* What the children of a node took, as far as it lies within the node. */
struct context_below {
	uint64_t total_ns;
	uint64_t send_ns;		/* of that: sending replies */
	uint64_t async_ns;		/* of that: async ops */
	uint64_t pending_ns;		/* of which async_ns may be a part */
};

/* That of each node of a slot. */
void context_below(const struct segment_image *image,
		   const struct latency_slot *slot,
		   struct context_below below[LATENCY_MAX_NODES]);

#endif
