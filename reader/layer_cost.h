/*
 * What the modules between and below layers cost, by stack: the `vfs objects`
 * of a tree connect. Layers of other stacks may have the same names and have
 * nothing to do with it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LAYER_COST_H
#define LAYER_COST_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"

#define LAYER_NAME sizeof(((struct latency_layer *)NULL)->name)
#define LAYER_OBJECTS sizeof(((struct latency_slot_key *)NULL)->objects)

/* An op of a layer: time in it and not in ops of ours below. */
struct layer_op {
	char op[32];
	uint64_t count;
	uint64_t self_ns;
};

/* A layer of a stack and what lies below it, down to the next layer. */
struct layer_cost {
	char layer[LAYER_NAME];
	char below[LAYER_NAME];		/* the next layer; "": there is none */
	char modules[LAYER_OBJECTS];	/* "acl_xattr catia"; "": none */
	bool known;			/* is it among the stack's objects? */
	uint64_t self_ns;		/* sum over ops */
	struct layer_op *ops;		/* by self_ns, the highest first */
	unsigned count;
};

struct layer_stack {
	char objects[LAYER_OBJECTS]; /* see latency_slot_key; "": not known */
	char **shares;
	unsigned share_count;
	struct layer_cost *layers;	/* the upper ones first */
	unsigned count;
};

struct layer_costs {
	struct layer_stack *stacks;	/* the costly ones first */
	unsigned count;
};

/* Nothing yet; NULL: no memory. */
struct layer_costs *layer_costs_new(void);

/* Adds what the filter wants of an image. Returns false: no memory. */
bool layer_costs_add(struct layer_costs *costs,
		     const struct segment_image *image,
		     const struct filter *filter);

/*
 * To add something else. The stack of these objects, a share of it, the op of a
 * layer of it, made where missing. They return NULL or false: no memory.
 */
struct layer_stack *layer_costs_stack(struct layer_costs *costs,
				      const char *objects);
bool layer_stack_share(struct layer_stack *stack, const char *share);
struct layer_op *layer_stack_op(struct layer_stack *stack, const char *layer,
				const char *op);

/* Takes away an earlier state. */
void layer_costs_subtract(struct layer_costs *costs,
			  const struct layer_costs *earlier);

/* When all has been added: sums up and sorts. */
void layer_costs_finish(struct layer_costs *costs);

void layer_costs_free(struct layer_costs *costs);

#endif
