/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context_tree.h"
#include "frame_name.h"
#include "layer_cost.h"
#include "name.h"

/* Room for one more behind an array of count elements. NULL: no memory. */
static void *append(void **array, unsigned *count, size_t size)
{
	void *more = realloc(*array, (*count + 1) * size);

	if (more == NULL) {
		return NULL;
	}
	*array = more;
	more = (char *)more + (*count)++ * size;
	memset(more, 0, size);
	return more;
}

/* -------------------------------- stacks --------------------------------- */

static struct layer_cost *append_layer(struct layer_stack *stack,
				       const char *name, bool known)
{
	struct layer_cost *layer = append((void **)&stack->layers,
					  &stack->count, sizeof(*layer));

	if (layer != NULL) {
		name_copy(layer->layer, sizeof(layer->layer), name);
		layer->known = known;
	}
	return layer;
}

/* Takes the next module of a stack: either a layer, or below the latest one. */
static bool take_object(struct layer_stack *stack, const char *object)
{
	struct layer_cost *layer = stack->count == 0 ? NULL :
		&stack->layers[stack->count - 1];
	size_t length;

	if (object[0] == ':') {
		if (layer != NULL) {
			name_copy(layer->below, sizeof(layer->below),
				  object + 1);
		}
		return append_layer(stack, object + 1, true) != NULL;
	}
	if (layer != NULL) {
		length = strlen(layer->modules);
		snprintf(layer->modules + length,
			 sizeof(layer->modules) - length, "%s%s",
			 length != 0 ? " " : "", object);
	}
	return true;
}

static bool take_objects(struct layer_stack *stack)
{
	char objects[LAYER_OBJECTS];
	char *rest = NULL, *object;

	strcpy(objects, stack->objects);
	for (object = strtok_r(objects, "/", &rest); object != NULL;
	     object = strtok_r(NULL, "/", &rest)) {
		if (!take_object(stack, object)) {
			return false;
		}
	}
	return true;
}

static struct layer_stack *find_stack(const struct layer_costs *costs,
				      const char *objects)
{
	unsigned i;

	for (i = 0; i < costs->count; i++) {
		if (name_is(costs->stacks[i].objects, LAYER_OBJECTS,
			    objects)) {
			return &costs->stacks[i];
		}
	}
	return NULL;
}

struct layer_stack *layer_costs_stack(struct layer_costs *costs,
				      const char *objects)
{
	struct layer_stack *stack = find_stack(costs, objects);

	if (stack != NULL) {
		return stack;
	}
	stack = append((void **)&costs->stacks, &costs->count, sizeof(*stack));
	if (stack == NULL) {
		return NULL;
	}
	name_copy(stack->objects, sizeof(stack->objects), objects);
	return take_objects(stack) ? stack : NULL;
}

bool layer_stack_share(struct layer_stack *stack, const char *share)
{
	char **place;
	unsigned i;

	for (i = 0; i < stack->share_count; i++) {
		if (strcmp(stack->shares[i], share) == 0) {
			return true;
		}
	}
	place = append((void **)&stack->shares, &stack->share_count,
		       sizeof(*place));
	if (place == NULL) {
		return false;
	}
	*place = strdup(share);
	if (*place == NULL) {
		stack->share_count--;
	}
	return *place != NULL;
}

static struct layer_cost *find_layer(const struct layer_stack *stack,
				     const char *name)
{
	unsigned i;

	for (i = 0; i < stack->count; i++) {
		if (name_is(stack->layers[i].layer, LAYER_NAME, name)) {
			return &stack->layers[i];
		}
	}
	return NULL;
}

static struct layer_op *find_op(const struct layer_cost *layer,
				const char *name)
{
	unsigned i;

	for (i = 0; i < layer->count; i++) {
		if (strcmp(layer->ops[i].op, name) == 0) {
			return &layer->ops[i];
		}
	}
	return NULL;
}

struct layer_op *layer_stack_op(struct layer_stack *stack, const char *name,
				const char *op_name)
{
	struct layer_cost *layer = find_layer(stack, name);
	struct layer_op *op;

	if (layer == NULL) {
		layer = append_layer(stack, name, false);
	}
	if (layer == NULL) {
		return NULL;
	}
	op = find_op(layer, op_name);
	if (op != NULL) {
		return op;
	}
	op = append((void **)&layer->ops, &layer->count, sizeof(*op));
	if (op != NULL) {
		snprintf(op->op, sizeof(op->op), "%s", op_name);
	}
	return op;
}

/* -------------------------------- adding --------------------------------- */

static bool add_slot(struct layer_costs *costs,
		     const struct segment_image *image,
		     const struct latency_slot *slot)
{
	struct layer_stack *stack = layer_costs_stack(costs,
						      slot->key.objects);
	struct context_below below[LATENCY_MAX_NODES];
	uint32_t i;

	if (stack == NULL || !layer_stack_share(stack, slot->key.share)) {
		return false;
	}
	context_below(image, slot, below);
	for (i = LATENCY_NODE_OVERFLOW + 1; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);
		unsigned number = LATENCY_FRAME_LAYER(node->frame);
		struct layer_op *op;

		if (number == 0 || node->count == 0) {
			continue;
		}
		op = layer_stack_op(stack, image->header->layer[number].name,
				    frame_name(image->header, node->frame));
		if (op == NULL) {
			return false;
		}
		op->count += node->count;
		op->self_ns += node->total_ns > below[i].total_ns ?
			node->total_ns - below[i].total_ns : 0;
	}
	return true;
}

struct layer_costs *layer_costs_new(void)
{
	return calloc(1, sizeof(struct layer_costs));
}

bool layer_costs_add(struct layer_costs *costs,
		     const struct segment_image *image,
		     const struct filter *filter)
{
	const struct latency_slot *slot;

	if (!filter_image(filter, image)) {
		return true;
	}
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		if (filter_slot(filter, slot) &&
		    !add_slot(costs, image, slot)) {
			return false;
		}
	}
	return true;
}

/* ------------------------------- changing -------------------------------- */

static void subtract_layer(struct layer_cost *layer,
			   const struct layer_cost *earlier)
{
	unsigned i;

	for (i = 0; i < layer->count; i++) {
		struct layer_op *op = &layer->ops[i];
		const struct layer_op *before = find_op(earlier, op->op);

		/* Counters that have gone back began anew: all are new. */
		if (before == NULL || before->count > op->count) {
			continue;
		}
		op->count -= before->count;
		op->self_ns = op->self_ns > before->self_ns ?
			op->self_ns - before->self_ns : 0;
	}
}

void layer_costs_subtract(struct layer_costs *costs,
			  const struct layer_costs *earlier)
{
	unsigned i, j;

	for (i = 0; i < costs->count; i++) {
		struct layer_stack *stack = &costs->stacks[i];
		const struct layer_stack *before =
			find_stack(earlier, stack->objects);

		for (j = 0; before != NULL && j < stack->count; j++) {
			const struct layer_cost *layer = find_layer(
				before, stack->layers[j].layer);

			if (layer != NULL) {
				subtract_layer(&stack->layers[j], layer);
			}
		}
	}
}

static int compare_ops(const void *a, const void *b)
{
	const struct layer_op *x = a, *y = b;

	if (x->self_ns != y->self_ns) {
		return x->self_ns > y->self_ns ? -1 : 1;
	}
	return strcmp(x->op, y->op);
}

static int compare_shares(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static uint64_t stack_ns(const struct layer_stack *stack)
{
	uint64_t ns = 0;
	unsigned i;

	for (i = 0; i < stack->count; i++) {
		ns += stack->layers[i].self_ns;
	}
	return ns;
}

static int compare_stacks(const void *a, const void *b)
{
	const struct layer_stack *x = a, *y = b;

	if (stack_ns(x) != stack_ns(y)) {
		return stack_ns(x) > stack_ns(y) ? -1 : 1;
	}
	return strcmp(x->objects, y->objects);
}

/* Sums up a layer, and drops the ops of which nothing is left. */
static void finish_layer(struct layer_cost *layer)
{
	unsigned i, kept = 0;

	layer->self_ns = 0;
	for (i = 0; i < layer->count; i++) {
		if (layer->ops[i].count != 0) {
			layer->self_ns += layer->ops[i].self_ns;
			layer->ops[kept++] = layer->ops[i];
		}
	}
	layer->count = kept;
	if (kept != 0) {
		qsort(layer->ops, kept, sizeof(*layer->ops), compare_ops);
	}
}

void layer_costs_finish(struct layer_costs *costs)
{
	unsigned i, j;

	for (i = 0; i < costs->count; i++) {
		struct layer_stack *stack = &costs->stacks[i];

		for (j = 0; j < stack->count; j++) {
			finish_layer(&stack->layers[j]);
		}
		if (stack->share_count != 0) {
			qsort(stack->shares, stack->share_count,
			      sizeof(*stack->shares), compare_shares);
		}
	}
	if (costs->count != 0) {
		qsort(costs->stacks, costs->count, sizeof(*costs->stacks),
		      compare_stacks);
	}
}

void layer_costs_free(struct layer_costs *costs)
{
	unsigned i, j;

	if (costs == NULL) {
		return;
	}
	for (i = 0; i < costs->count; i++) {
		struct layer_stack *stack = &costs->stacks[i];

		for (j = 0; j < stack->share_count; j++) {
			free(stack->shares[j]);
		}
		for (j = 0; j < stack->count; j++) {
			free(stack->layers[j].ops);
		}
		free(stack->shares);
		free(stack->layers);
	}
	free(costs->stacks);
	free(costs);
}
