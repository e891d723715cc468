/*
 * A report: what is to be shown of one snapshot, or of the time between two,
 * in numbers. The ways to show it are in view_table.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REPORT_H
#define REPORT_H

#include <stdbool.h>

#include "context_tree.h"
#include "coverage.h"
#include "layer_cost.h"
#include "snapshot.h"
#include "table.h"
#include "wall_time.h"

struct report_options {
	struct filter filter;
	unsigned by;			/* BY() of dimensions; 0: none */
	bool ops;			/* on VFS operations, too */
	bool histograms;		/* show distributions (-d) */
	bool sizes;			/* show sizes of reads and writes */
};

struct report {
	struct report_options options;
	struct coverage coverage;
	bool interval;			/* between two snapshots taken */
	uint64_t since_realtime_ns;
	uint64_t until_realtime_ns;
	uint64_t running_for_ns;
	struct wall_time time;
	struct table *requests;		/* by SMB2 opcode */
	struct table *pending;		/* those that were, by SMB2 opcode */
	struct table *logon;		/* its steps, by their name */
	struct table *by_requests;	/* as options.by says; NULL: not */
	struct table *by_pending;	/* made when that is */
	struct table *by_logon;		/* likewise; by their names, too */
	struct table *by_ops;
	/* If options.ops, else NULL: */
	struct table *ops;		/* by op */
	struct table *layers;		/* by layer and op */
	struct layer_costs *layer_costs;
	struct context_node *tree;
	const struct snapshot *snapshot; /* for its problems; not owned */
};

/*
 * A report on nothing yet, to which images are added one by one, as they are
 * read. When all of a snapshot have been, report_finish() makes it the report
 * on that snapshot (earlier is NULL), on the time between an earlier snapshot
 * and this one, or on what was counted since a reset (earlier is its
 * baseline). The earlier one is changed as snapshot_relate() says. They return
 * NULL or false if there is no memory.
 */
struct report *report_new(const struct report_options *options);
bool report_add(struct report *report, const struct segment_image *image);
bool report_finish(struct report *report, const struct snapshot *snapshot,
		   struct snapshot *earlier);

/*
 * The same where what the earlier snapshot counts has been added already, to
 * `before`, which is of no use from then on. Of the snapshots no more is needed
 * than their times and headers.
 */
void report_finish_since(struct report *report, const struct snapshot *snapshot,
			 const struct snapshot *earlier, struct report *before);

/* All of that, of a snapshot that has kept its images. */
struct report *report_make(const struct report_options *options,
			   const struct snapshot *snapshot,
			   struct snapshot *earlier);

void report_free(struct report *report);

/* All of its tables that images are added to; NULL: not asked for. */
#define REPORT_TABLES 9

void report_tables(const struct report *report,
		   struct table *tables[REPORT_TABLES]);

/* Outermost VFS time: what the ops took that were not nested in others, ns. */
uint64_t report_vfs_ns(const struct report *report);

#endif
