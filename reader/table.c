/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "context_tree.h"
#include "frame_name.h"
#include "table.h"

#define DEPARTED "departed"

/* Where a key's group is: open addressing, at most half full. */
struct table_index {
	uint32_t mask;
	uint32_t *place;		/* index into groups plus 1; 0: free */
};

const char *dimension_name(enum dimension dimension)
{
	static const char *const names[DIMENSIONS] = {
#define DIMENSION(NAME, name, tables, label, useful) [BY_##NAME] = #name,
#include "dimension_table.h"
	};

	return names[dimension];
}

unsigned dimensions_of_ops(void)
{
	enum { IN_ALL = 0, IN_OPS = 1 };

	return 0
#define DIMENSION(NAME, name, tables, label, useful) \
		| (unsigned)(tables) << BY_##NAME
#include "dimension_table.h"
		;
}

unsigned dimensions_with_label(void)
{
	return 0
#define DIMENSION(NAME, name, tables, label, useful) \
		| (label##u) << BY_##NAME
#include "dimension_table.h"
		;
}

/* -------------------------------- groups --------------------------------- */

static uint32_t hash(const char *const key[DIMENSIONS])
{
	uint32_t h = 2166136261u;	/* FNV-1a */
	unsigned d;
	const char *c;

	for (d = 0; d < DIMENSIONS; d++) {
		for (c = key[d]; *c != '\0'; c++) {
			h = (h ^ (unsigned char)*c) * 16777619u;
		}
		h = (h ^ 0xff) * 16777619u;
	}
	return h;
}

static bool same_key(const char *const a[DIMENSIONS],
		     const char *const b[DIMENSIONS])
{
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		if (strcmp(a[d], b[d]) != 0) {
			return false;
		}
	}
	return true;
}

static void index_insert(struct table *table, uint32_t place)
{
	const struct group *g = table->groups[place];
	uint32_t i = hash(g->key) & table->index->mask;

	while (table->index->place[i] != 0) {
		i = (i + 1) & table->index->mask;
	}
	table->index->place[i] = place + 1;
}

/* Makes the index anew, for twice as many groups as there are. */
static bool index_make(struct table *table)
{
	uint32_t entries = 64;
	uint32_t *place;
	uint32_t i;

	while (entries < table->count * 4) {
		entries *= 2;
	}
	place = calloc(entries, sizeof(*place));
	if (place == NULL) {
		return false;
	}
	free(table->index->place);
	table->index->place = place;
	table->index->mask = entries - 1;
	for (i = 0; i < table->count; i++) {
		index_insert(table, i);
	}
	return true;
}

static struct group *lookup(const struct table *table,
			    const char *const key[DIMENSIONS])
{
	uint32_t i = hash(key) & table->index->mask;

	for (; table->index->place[i] != 0; i = (i + 1) & table->index->mask) {
		struct group *g = table->groups[table->index->place[i] - 1];

		if (same_key(g->key, key)) {
			return g;
		}
	}
	return NULL;
}

static void group_free(struct group *g)
{
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		free((char *)g->key[d]);
	}
	free(g);
}

static struct group *group_make(const char *const key[DIMENSIONS])
{
	struct group *g = calloc(1, sizeof(*g));
	unsigned d;

	if (g == NULL) {
		return NULL;
	}
	row_sum_init(&g->sum);
	for (d = 0; d < DIMENSIONS; d++) {
		g->key[d] = strdup(key[d]);
		if (g->key[d] == NULL) {
			group_free(g);
			return NULL;
		}
	}
	return g;
}

struct group *table_group(struct table *table, const char *const key[DIMENSIONS])
{
	struct group *g = lookup(table, key);
	struct group **more;

	if (g != NULL) {
		return g;
	}
	more = realloc(table->groups, (table->count + 1) * sizeof(*more));
	if (more == NULL) {
		return NULL;
	}
	table->groups = more;
	g = group_make(key);
	if (g == NULL) {
		return NULL;
	}
	table->groups[table->count++] = g;
	if (table->count * 2 > table->index->mask) {
		if (!index_make(table)) {
			table->count--;
			group_free(g);
			return NULL;
		}
	} else {
		index_insert(table, table->count - 1);
	}
	return g;
}

/* -------------------------------- making --------------------------------- */

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
		if ((a->table->by & BY(d)) == 0) {
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
		.request = root,
		.op = layer == 0 && a->table->source == TABLE_REQUESTS ?
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
		image_node_add(a->image, node, &g->sum);
		g->sum.untimed -= node->untimed - part->untimed;
	}
	return true;
}

/* Is the node of what the table is made of? */
static bool belongs(const struct table *table, const struct latency_node *node)
{
	unsigned op = LATENCY_FRAME_OP(node->frame);

	if (LATENCY_FRAME_LAYER(node->frame) != 0) {
		return table->source == TABLE_OPS;
	}
	if (op == LATENCY_ROOT_OVERFLOW) {
		/* What overflowed was an op, of a name that is not known. */
		return table->source == TABLE_OPS;
	}
	return table->source == TABLE_REQUESTS && op < LATENCY_OPCODES;
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

	if ((a->table->by & BY(BY_LAYER)) == 0 && i > LATENCY_NODE_OVERFLOW &&
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

	if (!filter_image(filter, image)) {
		return true;
	}
	if (image->header->kind == LATENCY_KIND_PROCESS && image->owned) {
		snprintf(a.process, sizeof(a.process), "%u",
			 image->header->pid);
	} else {
		strcpy(a.process, DEPARTED);
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

struct table *table_new(enum table_source source, unsigned by)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table == NULL) {
		return NULL;
	}
	table->source = source;
	table->by = by;
	table->index = calloc(1, sizeof(*table->index));
	if (table->index == NULL || !index_make(table)) {
		table_free(table);
		return NULL;
	}
	return table;
}

struct table *table_regroup(const struct table *from, unsigned by)
{
	struct table *table = table_new(from->source, by & from->by);
	unsigned i, d;

	for (i = 0; table != NULL && i < from->count; i++) {
		const struct group *g = from->groups[i];
		const char *key[DIMENSIONS];
		struct group *to;

		for (d = 0; d < DIMENSIONS; d++) {
			key[d] = table->by & BY(d) ? g->key[d] : "";
		}
		to = table_group(table, key);
		if (to == NULL) {
			table_free(table);
			return NULL;
		}
		to->self_ns += g->self_ns;
		to->send_ns += g->send_ns;
		row_sum_add(&to->sum, &g->sum);
	}
	return table;
}

void table_free(struct table *table)
{
	unsigned i;

	if (table == NULL) {
		return;
	}
	for (i = 0; i < table->count; i++) {
		group_free(table->groups[i]);
	}
	free(table->groups);
	if (table->index != NULL) {
		free(table->index->place);
	}
	free(table->index);
	free(table);
}

/* ------------------------------- changing -------------------------------- */

void table_subtract(struct table *table, const struct table *earlier)
{
	unsigned i, kept = 0;

	for (i = 0; i < table->count; i++) {
		struct group *g = table->groups[i];
		const struct group *before = lookup(earlier, g->key);

		if (before != NULL) {
			row_sum_subtract(&g->sum, &before->sum);
			g->self_ns = g->self_ns > before->self_ns ?
				g->self_ns - before->self_ns : 0;
			g->send_ns = g->send_ns > before->send_ns ?
				g->send_ns - before->send_ns : 0;
		}
		if (g->sum.count == 0 && g->sum.untimed == 0) {
			group_free(g);
		} else {
			table->groups[kept++] = g;
		}
	}
	table->count = kept;
	/* Fewer groups than before: there is room for their index. */
	memset(table->index->place, 0,
	       (table->index->mask + 1) * sizeof(*table->index->place));
	for (i = 0; i < table->count; i++) {
		index_insert(table, i);
	}
}

static int compare(const void *a, const void *b)
{
	const struct group *const *x = a, *const *y = b;
	int order = 0;
	unsigned d;

	if ((*x)->sum.total_ns != (*y)->sum.total_ns) {
		return (*x)->sum.total_ns > (*y)->sum.total_ns ? -1 : 1;
	}
	for (d = 0; d < DIMENSIONS && order == 0; d++) {
		order = strcmp((*x)->key[d], (*y)->key[d]);
	}
	return order;
}

void table_sort(struct table *table)
{
	unsigned i;

	if (table->count == 0) {
		return;
	}
	qsort(table->groups, table->count, sizeof(*table->groups), compare);
	memset(table->index->place, 0,
	       (table->index->mask + 1) * sizeof(*table->index->place));
	for (i = 0; i < table->count; i++) {
		index_insert(table, i);
	}
}
