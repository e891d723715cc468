/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "invariant.h"
#include "subtract.h"
#include "table.h"

struct keyed_group {
	struct group group; /* first: the one is cast to the other */
	const char *key[DIMENSIONS];	/* "" where not asked for */
};

/* Where a key's group is: open addressing, at most half full. */
struct table_index {
	uint32_t mask;
	uint32_t *place;		/* index into groups plus 1; 0: free */
};

struct table {
	enum table_source source;
	unsigned by;			/* BY() of the dimensions, or'ed */
	struct keyed_group **groups;
	unsigned count;
	struct table_index index;
};

enum table_source table_source(const struct table *table)
{
	return table->source;
}

unsigned table_by(const struct table *table)
{
	return table->by;
}

unsigned table_count(const struct table *table)
{
	return table->count;
}

const struct group *table_at(const struct table *table, unsigned i)
{
	return &table->groups[i]->group;
}

const char *const *group_names(const struct group *group)
{
	return ((const struct keyed_group *)group)->key;
}

const char *group_name(const struct group *group, enum dimension dimension)
{
	return group_names(group)[dimension];
}

const struct group *table_find(const struct table *table,
			       enum dimension dimension, const char *name)
{
	unsigned i;

	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);

		if (strcmp(group_name(g, dimension), name) == 0) {
			return g;
		}
	}
	return NULL;
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
	const struct keyed_group *g = table->groups[place];
	uint32_t i = hash(g->key) & table->index.mask;

	/* Half of the entries are free: this and lookup() end. */
	INVARIANT(table->count <= (table->index.mask + 1) / 2);
	while (table->index.place[i] != 0) {
		i = (i + 1) & table->index.mask;
	}
	table->index.place[i] = place + 1;
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
	free(table->index.place);
	table->index.place = place;
	table->index.mask = entries - 1;
	for (i = 0; i < table->count; i++) {
		index_insert(table, i);
	}
	return true;
}

static struct keyed_group *lookup(const struct table *table,
			    const char *const key[DIMENSIONS])
{
	uint32_t i = hash(key) & table->index.mask;

	for (; table->index.place[i] != 0; i = (i + 1) & table->index.mask) {
		struct keyed_group *g =
			table->groups[table->index.place[i] - 1];

		if (same_key(g->key, key)) {
			return g;
		}
	}
	return NULL;
}

const struct group *table_lookup(const struct table *table,
				 const char *const key[DIMENSIONS])
{
	const struct keyed_group *g = lookup(table, key);

	return g != NULL ? &g->group : NULL;
}

static void group_free(struct keyed_group *g)
{
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		free((char *)g->key[d]);
	}
	free(g);
}

static struct keyed_group *group_make(const char *const key[DIMENSIONS])
{
	struct keyed_group *g = calloc(1, sizeof(*g));
	unsigned d;

	if (g == NULL) {
		return NULL;
	}
	row_sum_init(&g->group.sum);
	for (d = 0; d < DIMENSIONS; d++) {
		g->key[d] = strdup(key[d]);
		if (g->key[d] == NULL) {
			group_free(g);
			return NULL;
		}
	}
	return g;
}

struct group *table_group(struct table *table,
			  const char *const key[DIMENSIONS])
{
	struct keyed_group *g = lookup(table, key);
	struct keyed_group **more;

	if (g != NULL) {
		return &g->group;
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
	if (table->count * 2 > table->index.mask) {
		if (!index_make(table)) {
			table->count--;
			group_free(g);
			return NULL;
		}
	} else {
		index_insert(table, table->count - 1);
	}
	return &g->group;
}

struct table *table_new(enum table_source source, unsigned by)
{
	struct table *table = calloc(1, sizeof(*table));

	if (table == NULL) {
		return NULL;
	}
	table->source = source;
	table->by = by;
	if (!index_make(table)) {
		table_free(table);
		return NULL;
	}
	return table;
}

/* ------------------------------- changing -------------------------------- */

struct table *table_regroup(const struct table *from, unsigned by)
{
	struct table *table = table_new(from->source, by & from->by);
	unsigned i, d;

	for (i = 0; table != NULL && i < from->count; i++) {
		const struct group *g = table_at(from, i);
		const char *key[DIMENSIONS];
		struct group *to;

		for (d = 0; d < DIMENSIONS; d++) {
			key[d] = table->by & BY(d) ? group_name(g, d) : "";
		}
		to = table_group(table, key);
		if (to == NULL) {
			table_free(table);
			return NULL;
		}
		to->self_ns += g->self_ns;
		to->send_ns += g->send_ns;
		to->answers += g->answers;
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
	free(table->index.place);
	free(table);
}

/* The groups have moved, and are no more than they were: there is room. */
static void index_again(struct table *table)
{
	unsigned i;

	memset(table->index.place, 0,
	       (table->index.mask + 1) * sizeof(*table->index.place));
	for (i = 0; i < table->count; i++) {
		index_insert(table, i);
	}
}

void table_subtract(struct table *table, const struct table *earlier)
{
	unsigned i, kept = 0;

	for (i = 0; i < table->count; i++) {
		struct keyed_group *keyed = table->groups[i];
		struct group *g = &keyed->group;
		const struct keyed_group *before = lookup(earlier, keyed->key);

		if (before != NULL) {
			row_sum_subtract(&g->sum, &before->group.sum);
			subtract_from(&g->self_ns, before->group.self_ns);
			subtract_from(&g->send_ns, before->group.send_ns);
			subtract_from(&g->answers, before->group.answers);
		}
		if (g->sum.count == 0 && g->sum.untimed == 0) {
			group_free(keyed);
		} else {
			table->groups[kept++] = keyed;
		}
	}
	table->count = kept;
	index_again(table);
}

static int compare(const void *a, const void *b)
{
	const struct keyed_group *const *x = a, *const *y = b;
	uint64_t x_ns = (*x)->group.sum.total_ns;
	uint64_t y_ns = (*y)->group.sum.total_ns;
	int order = 0;
	unsigned d;

	if (x_ns != y_ns) {
		return x_ns > y_ns ? -1 : 1;
	}
	for (d = 0; d < DIMENSIONS && order == 0; d++) {
		order = strcmp((*x)->key[d], (*y)->key[d]);
	}
	return order;
}

void table_sort(struct table *table)
{
	if (table->count == 0) {
		return;
	}
	qsort(table->groups, table->count, sizeof(*table->groups), compare);
	index_again(table);
}

bool table_adopt_by(struct table *table, unsigned by)
{
	if (table->by == 0) {
		table->by = by;
	}
	return table->by == by;
}
