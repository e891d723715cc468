/*
 * Tables: counters summed by some dimensions. What they are of is added by
 * table_add.h; this knows nothing of segments.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "dimension.h"
#include "row_sum.h"

/*
 * What the rows of a table are: VFS operations; or SMB2 requests, which have no
 * BY_LAYER and no BY_OP; or, of those requests that had to wait, as they were
 * pending, the time in which nobody worked on them; or the steps of logging on,
 * which are in BY_REQUEST.
 *
 * By layer, an op counts in each layer that it passes through. Without BY_LAYER
 * it counts once, with the figures of its outermost layer, which are what the
 * caller saw; the self times of the layers below are part of its self time. In
 * either case all self times add up to the time in outermost ops.
 */
enum table_source {
	TABLE_OPS, TABLE_REQUESTS, TABLE_PENDING, TABLE_LOGON
};

struct table;

/* The counters of those rows that have the same names; see group_name(). */
struct group {
	uint64_t self_ns;		/* total less what is nested below */
	uint64_t send_ns; /* requests: signing, encrypting, sending */
	uint64_t answers; /* of sum.errors: those that are no failures */
	struct row_sum sum;
};

/* How many of its calls failed: errors that are no answers (answer.h). */
static inline uint64_t group_failures(const struct group *g)
{
	return g->sum.errors > g->answers ? g->sum.errors - g->answers : 0;
}

/*
 * A table without groups; by: BY() of its dimensions, or'ed. Returns NULL if
 * there is no memory.
 */
struct table *table_new(enum table_source source, unsigned by);

/* What it was made of, and by. */
enum table_source table_source(const struct table *table);
unsigned table_by(const struct table *table);

/* How many groups it has, and number i of them, 0 <= i < table_count(). */
unsigned table_count(const struct table *table);
const struct group *table_at(const struct table *table, unsigned i);

/* The first group of this name in a dimension; NULL if there is none. */
const struct group *table_find(const struct table *table,
			       enum dimension dimension, const char *name);

/* The name of a group in a dimension, "" where the table has it not. */
const char *group_name(const struct group *group, enum dimension dimension);

/* All of them, by dimension. */
const char *const *group_names(const struct group *group);

/*
 * The same table by fewer dimensions: quicker than adding all images again.
 * Without BY_LAYER where the table has it, the layers are added up.
 */
struct table *table_regroup(const struct table *table, unsigned by);

void table_free(struct table *table);

/*
 * Takes away an earlier state: for two snapshots of the same directory, added
 * the same way. Groups in which nothing happened are dropped. The earlier
 * snapshot must have been through snapshot_relate().
 */
void table_subtract(struct table *table, const struct table *earlier);

/* By total time, the longest first; then by key. */
void table_sort(struct table *table);

/* The group of this key, of the dimensions of the table; NULL: none. */
const struct group *table_lookup(const struct table *table,
				 const char *const key[DIMENSIONS]);

/* The same, added if missing; NULL: no memory. */
struct group *table_group(struct table *table,
			  const char *const key[DIMENSIONS]);

/*
 * A table made by nothing gets its dimensions from what it reads first. Returns
 * false if it has others.
 */
bool table_adopt_by(struct table *table, unsigned by);

#endif
