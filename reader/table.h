/*
 * Tables: the rows of a snapshot, filtered, and summed by some dimensions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TABLE_H
#define TABLE_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"
#include "row_sum.h"

enum dimension {
#define DIMENSION(NAME, name, tables, label, useful) BY_##NAME,
#include "dimension_table.h"
	DIMENSIONS,
};

#define BY(dimension) (1u << (dimension))

/* BY() of those that only operations have; of those that metrics can have. */
unsigned dimensions_of_ops(void);
unsigned dimensions_with_label(void);

/* Name of a dimension for people and for --by; "share", "user", ... */
const char *dimension_name(enum dimension dimension);

/*
 * What the rows of a table are: VFS operations, or SMB2 requests, which have no
 * BY_LAYER and no BY_OP.
 *
 * By layer, an op counts in each layer that it passes through. Without BY_LAYER
 * it counts once, with the figures of its outermost layer, which are what the
 * caller saw; the self times of the layers below are part of its self time. In
 * either case all self times add up to the time in outermost ops.
 */
enum table_source { TABLE_OPS, TABLE_REQUESTS };

struct group {
	const char *key[DIMENSIONS];	/* "" where not asked for */
	uint64_t self_ns;		/* total less what is nested below */
	uint64_t send_ns;		/* requests: signing, encrypting, sending */
	struct row_sum sum;
};

struct table {
	enum table_source source;
	unsigned by;			/* BY() of the dimensions, or'ed */
	struct group **groups;
	unsigned count;
	struct table_index *index;	/* private */
};

/* A table without groups. Returns NULL if there is no memory. */
struct table *table_new(enum table_source source, unsigned by);

/*
 * Adds what the filter wants of an image. Returns false if there is no
 * memory: then the table is good for nothing but table_free().
 */
bool table_add(struct table *table, const struct segment_image *image,
	       const struct filter *filter);

/*
 * The same by fewer dimensions: quicker than adding all images again. Without
 * BY_LAYER where the table has it, the layers are added up.
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

/* The group of this key, of the dimensions of the table; added if missing. */
struct group *table_group(struct table *table,
			  const char *const key[DIMENSIONS]);

#endif
