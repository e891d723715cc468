/*
 * Counting in a node.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef NODE_WRITER_H
#define NODE_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "segment_lines.h"

/*
 * The private side of a node that is counted often: what makes the usual call
 * need a single look whether it is one. Durations from low_ns to low_ns +
 * span_ns - 1 change neither the minimum nor the maximum, have their bucket
 * claimed, are not 0, and are below what the caller wants to look at.
 */
struct node_writer {
	struct latency_node *node;
	uint64_t low_ns;
	uint64_t span_ns;		/* 0: look at every call */
	uint64_t *group[HIST_GROUPS];	/* buckets, see hist_highest_bit() */
	uint64_t *sizes;		/* buckets; NULL: not claimed */
};

/*
 * Claims all that a node may need for its histograms. Returns false if there is
 * no room.
 */
bool node_claim_all(struct segment_writer *w, struct latency_node *node);

/*
 * Counts one call of any duration, with its error (errno, NTSTATUS, UINT32_MAX
 * if not known; 0: none); if there is no room for it, as unmeasured.
 */
void node_record(struct segment_writer *w, struct latency_node *node,
		 uint64_t ns, uint64_t bytes, uint32_t error);

/*
 * Takes up what node_record() may have changed with a call of ns, so
 * that the next one like it is a usual one if it is below limit_ns.
 */
void node_writer_update(struct segment_writer *w, struct node_writer *n,
			uint64_t ns, uint64_t limit_ns);

/*
 * Adds counters of private memory to a node. Returns false, and adds
 * nothing, if there is no room for all of them.
 */
struct row_sum;
bool node_merge(struct segment_writer *w, struct latency_node *node,
		const struct row_sum *sum);

/*
 * Is a call of ns nanoseconds that moved these bytes a usual one? Else it is
 * for node_record().
 */
static inline bool node_is_usual(const struct node_writer *n, uint64_t ns,
				 uint64_t bytes)
{
	return likely(ns - n->low_ns < n->span_ns) &&
		(bytes == 0 || likely(n->sizes != NULL));
}

/*
 * Counts one usual call of ns nanoseconds that moved these bytes, and if it
 * failed one error with the node's error_code.
 */
static inline __attribute__((always_inline))
void node_count_result(const struct node_writer *n, uint64_t ns,
		       uint64_t bytes, bool failed)
{
	struct latency_node *node = n->node;
	size_t e = hist_highest_bit(ns);

	row_write_begin(&n->group[e - HIST_FIRST_BITS]
				 [(ns << HIST_SUB_BITS) >> e]);
	word_add(&node->total_ns, ns);
	if (bytes != 0) {
		word_add(&node->bytes, bytes);
		word_add(&n->sizes[size_bucket(bytes)], 1);
	}
	if (failed) {
		word_add(&node->error_count, 1);
	}
	row_write_end(&node->count);
}

static inline void node_count(const struct node_writer *n, uint64_t ns,
			      uint64_t bytes)
{
	node_count_result(n, ns, bytes, false);
}

#endif
