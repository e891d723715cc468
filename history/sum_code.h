/*
 * The counters of a node, written or read by a range coder. What is expected of
 * them comes from the nodes of the same path before it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SUM_CODE_H
#define SUM_CODE_H

#include "range_code.h"
#include "row_sum.h"

/* What was counted below a path so far, and last. Zero in the beginning. */
struct sum_past {
	unsigned nodes;
	uint64_t count;
	uint64_t histogram[HIST_BUCKETS];
	unsigned flags;
	struct row_sum last; /* if nodes is not 0 */
};

struct sum_models;

/*
 * Those of a coder that begins; NULL: no memory. To be freed. sizes: the
 * counters have histograms of sizes.
 */
struct sum_models *sum_models_new(bool sizes);

/*
 * Writes the counters of a node, or reads them into *sum, of nothing before.
 * Its count is the sum of the histogram. A single call that is in the bucket
 * of its total has that as minimum and maximum.
 */
void sum_code(struct range_coder *c, struct sum_models *models,
	      struct sum_past *past, struct row_sum *sum);

#endif
