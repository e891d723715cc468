/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "invariant.h"
#include "node_writer.h"
#include "row_sum.h"

/* The line of an octave: of it and the next one, for octave 0; 0: none. */
static uint32_t octave_line(const struct segment_writer *w,
			    const struct latency_node *node, unsigned octave)
{
	uint32_t line = word_read(&node->octave[octave]);
	uint32_t lines = octave == 0 ? 2 : 1;

	return lines_are_claimed(w, line, lines * LATENCY_LINE) ? line : 0;
}

/*
 * The line of an octave of the node's histogram, claimed if need be; or 0.
 * Octaves 0 and 1 are claimed together, one after the other.
 */
static uint32_t octave_claim(struct segment_writer *w,
			     struct latency_node *node, unsigned octave)
{
	if (node->octave[octave] == 0) {
		unsigned first = octave <= 1 ? 0 : octave;
		uint32_t lines = octave <= 1 ? 2 : 1;
		uint32_t line = lines_claim(w, lines * LATENCY_LINE);

		/* Zero lines: a reader need not find them in any order. */
		if (line != 0) {
			word_write(&node->octave[first], line);
			if (lines == 2) {
				word_write(&node->octave[1], line + 1);
			}
		}
	}
	return octave_line(w, node, octave);
}

/* Takes up where the buckets of an octave are. False: they are not claimed. */
static bool take_up_octave(struct segment_writer *w, struct node_writer *n,
			   unsigned octave)
{
	uint32_t line = octave_line(w, n->node, octave);

	if (line == 0) {
		return false;
	}
	/*
	 * Bucket of ns is [ns >> (group + 3)]: 0 to 15, or 8 to 15. So a group
	 * of the second kind starts a line before what it uses: still inside
	 * the mapping, since no octave is in the header.
	 */
	INVARIANT(line > octave);
	if (octave <= 1) {
		n->group[0] = lines_at(w, line - octave);
	} else {
		n->group[octave - 1] =
			(uint64_t *)lines_at(w, line) - HIST_SUB;
	}
	return true;
}

/* Where the sizes of a node are counted, if it has any; or NULL. */
static uint64_t *sizes_of(struct segment_writer *w,
			  const struct latency_node *node)
{
	uint32_t line = word_read(&node->sizes);

	return lines_are_claimed(w, line, sizeof(struct latency_sizes)) ?
		((struct latency_sizes *)lines_at(w, line))->count : NULL;
}

/* The same, claimed if need be. */
static uint64_t *sizes_claim(struct segment_writer *w,
			     struct latency_node *node)
{
	if (node->sizes == 0) {
		/* Zero lines, as those of an octave. */
		word_write(&node->sizes,
			   lines_claim(w, sizeof(struct latency_sizes)));
	}
	return sizes_of(w, node);
}

void node_writer_update(struct segment_writer *w, struct node_writer *n,
			uint64_t ns, uint64_t limit_ns)
{
	const struct latency_node *node = n->node;
	unsigned low = hist_bucket(ns) / HIST_SUB;
	unsigned high = low;
	uint64_t low_ns, end_ns;

	n->span_ns = 0;
	n->sizes = sizes_of(w, node);
	if (!take_up_octave(w, n, low)) {
		return;
	}
	/* It extends over the adjacent octaves that are claimed. */
	while (low > 0 && take_up_octave(w, n, low - 1)) {
		low--;
	}
	while (high + 1 < HIST_OCTAVES && take_up_octave(w, n, high + 1)) {
		high++;
	}
	low_ns = hist_lower(low * HIST_SUB);
	end_ns = high + 1 < HIST_OCTAVES ? hist_lower((high + 1) * HIST_SUB) :
		HIST_MAX_NS;
	low_ns = low_ns > node->min_ns ? low_ns : node->min_ns;
	/* Nothing takes no time: the caller checks its clock then. */
	low_ns = low_ns > 0 ? low_ns : 1;
	end_ns = end_ns <= node->max_ns ? end_ns : node->max_ns + 1;
	end_ns = end_ns < limit_ns ? end_ns : limit_ns;
	if (end_ns > low_ns) {
		n->low_ns = low_ns;
		n->span_ns = end_ns - low_ns;
	}
}

/* The count of a code in the chain of lines, claimed if need be; or NULL. */
static uint64_t *chained_error(struct segment_writer *w,
			       struct latency_node *node, uint32_t code)
{
	uint32_t *link = &node->error;
	struct latency_errors *errors;
	unsigned lines, i;

	for (lines = 0; lines < LATENCY_MAX_ERROR_LINES; lines++) {
		uint32_t line = word_read(link);

		if (line == 0) {
			line = lines_claim(w, sizeof(*errors));
			/* A zero line, as that of an octave. */
			word_write(link, line);
		}
		if (!lines_are_claimed(w, line, sizeof(*errors))) {
			return NULL;
		}
		errors = lines_at(w, line);
		for (i = 0; i < 3; i++) {
			if (errors->entry[i].code == 0) {
				word_write(&errors->entry[i].code, code);
			}
			if (errors->entry[i].code == code) {
				return &errors->entry[i].count;
			}
		}
		link = &errors->next;
	}
	return NULL;
}

/* Adds count errors of this code (errno or NTSTATUS) to a node. */
static void node_errors(struct segment_writer *w, struct latency_node *node,
			uint32_t code, uint64_t count)
{
	uint64_t *place = &node->error_unknown;

	if (code != UINT32_MAX) {
		if (node->error_code == 0) {
			word_write(&node->error_code, code);
		}
		place = node->error_code == code ? &node->error_count :
			chained_error(w, node, code);
	}
	word_add(place != NULL ? place : &node->error_unknown, count);
}

void node_record(struct segment_writer *w, struct latency_node *node,
		 uint64_t ns, uint64_t bytes, uint32_t error)
{
	unsigned bucket = hist_bucket(ns);
	uint32_t line = octave_claim(w, node, bucket / HIST_SUB);
	uint64_t *cells, *sizes = NULL;

	if (bytes != 0) {
		sizes = sizes_claim(w, node);
	}
	if (line == 0 || (bytes != 0 && sizes == NULL)) {
		word_add(&w->header->unmeasured, 1);
		return;
	}
	cells = lines_at(w, line);
	row_write_begin(&cells[bucket % HIST_SUB]);
	word_add(&node->total_ns, ns);
	if (ns < node->min_ns) {
		word_write(&node->min_ns, ns);
	}
	if (ns > node->max_ns) {
		word_write(&node->max_ns, ns);
	}
	if (bytes != 0) {
		word_add(&node->bytes, bytes);
		word_add(&sizes[size_bucket(bytes)], 1);
	}
	if (error != 0) {
		node_errors(w, node, error, 1);
	}
	row_write_end(&node->count);
}

bool node_claim_all(struct segment_writer *w, struct latency_node *node)
{
	unsigned octave;

	for (octave = 0; octave < HIST_OCTAVES; octave++) {
		if (octave_claim(w, node, octave) == 0) {
			return false;
		}
	}
	return sizes_claim(w, node) != NULL;
}

bool node_merge(struct segment_writer *w, struct latency_node *node,
		const struct row_sum *sum)
{
	uint32_t line[HIST_OCTAVES] = { 0 };
	uint64_t *sizes = NULL;
	unsigned bucket;
	uint32_t i;

	/* All or nothing. */
	for (bucket = 0; bucket < HIST_BUCKETS; bucket++) {
		unsigned octave = bucket / HIST_SUB;

		if (sum->histogram[bucket] == 0 || line[octave] != 0) {
			continue;
		}
		line[octave] = octave_claim(w, node, octave);
		if (line[octave] == 0) {
			return false;
		}
	}
	if (sum->bytes != 0) {
		sizes = sizes_claim(w, node);
		if (sizes == NULL) {
			return false;
		}
	}
	for (bucket = 0; sizes != NULL && bucket < SIZE_BUCKETS; bucket++) {
		sizes[bucket] += sum->sizes[bucket];
	}
	for (bucket = 0; bucket < HIST_BUCKETS; bucket++) {
		if (sum->histogram[bucket] != 0) {
			uint64_t *cells = lines_at(w, line[bucket / HIST_SUB]);

			cells[bucket % HIST_SUB] += sum->histogram[bucket];
		}
	}
#define ADD(counter) node->counter += sum->counter;
	ROW_COUNTERS(ADD)
#undef ADD
	node->min_ns = sum->min_ns < node->min_ns ? sum->min_ns : node->min_ns;
	node->max_ns = sum->max_ns > node->max_ns ? sum->max_ns : node->max_ns;
	for (i = 0; i < sum->error_count; i++) {
		node_errors(w, node, sum->error[i].code, sum->error[i].count);
	}
	return true;
}
