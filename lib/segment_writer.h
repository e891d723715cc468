/*
 * Writing a segment: create it, claim slots and nodes, count.
 *
 * A struct segment_writer stays valid, and its memory writable, until
 * segment_close(): if the file is truncated or the process forks, writing
 * goes on into memory that nobody sees. What is claimed is never given back,
 * so pointers to nodes may be kept for as long. The private side of a segment
 * is in its arena, and so is what the user adds to that.
 *
 * Functions that record are inline, allocate nothing, make no system call and
 * leave errno alone. Functions that claim are called once for each new thing;
 * they leave errno alone as well and return NULL or 0 when there is no room,
 * after which the caller goes on without counting.
 *
 * Whoever may write to the file, root, may write anything. What the writer
 * follows is therefore private to it, or looked at before: garbage in a segment
 * makes wrong numbers, and never a wrong address.
 *
 * This file must not know: Samba, and how durations are measured.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_WRITER_H
#define SEGMENT_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "arena.h"
#include "latency_error.h"
#include "latency_format.h"
#include "sequence.h"

#define likely(x) __builtin_expect(!!(x), 1)
#define unlikely(x) __builtin_expect(!!(x), 0)

struct segment_writer {
	unsigned char *base;		/* LATENCY_MAX_SIZE bytes mapped */
	struct latency_header *header;	/* = base */
	int fd;
	uint32_t used;			/* lines */
	uint32_t reserved;		/* lines backed by disk blocks */
	size_t limit;			/* bytes that it may become */
	int full;			/* errno of why no more is to be had */
	struct slot_writer *slots;
	struct latency_slot *last_slot;
	struct arena arena;		/* of all that is private and stays */
	struct latency_slow_ring *slow_ring; /* NULL: not claimed */
	uint32_t slot_count;
	uint32_t ops;
	uint32_t layers;
};

/* The private side of a slot: what makes its nodes quick to find. */
struct slot_writer {
	struct slot_writer *next;
	struct segment_writer *segment;
	struct latency_slot *slot;
	uint32_t line;			/* of slot */
	uint32_t nodes;
	bool connected;
	struct latency_node *chunk[LATENCY_MAX_NODES / LATENCY_CHUNK_NODES];
	uint16_t *node;			/* numbers, hashed by parent and frame */
	uint32_t node_mask;
	void *private_data;		/* the user's, of the arena */
};

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
};

/* What a new segment says of itself. */
struct segment_identity {
	enum latency_kind kind;
	uint32_t pid;
	uint64_t id;
	uint64_t start_realtime_ns;
	uint64_t start_monotonic_ns;
	const char *samba_version;
};

/*
 * Makes the segment `name` in directory dir, takes the owner's lock and maps
 * it. Returns NULL with *error.
 */
struct segment_writer *segment_create(int dir, const char *name,
				      const struct segment_identity *identity,
				      struct latency_error *error);

/* Makes the segment known as complete; a reader ignores it before. */
void segment_publish(struct segment_writer *w);

/* Unmaps and closes; the owner's lock goes with it. */
void segment_close(struct segment_writer *w);

/* In a forked child: leaves the parent's segment to the parent. */
void segment_detach(struct segment_writer *w);

/*
 * Adds an op that is not there yet; returns its number, from 0 on, or -1 if
 * the table is full.
 */
int segment_add_op(struct segment_writer *w, const char *name,
		   enum latency_class error_class);

/* The number of an op of this name, which is added if it is new; or -1. */
int segment_op(struct segment_writer *w, const char *name,
	       enum latency_class error_class);

/* The number, 1 and up, of a layer of this name; -1 if the table is full. */
int segment_layer(struct segment_writer *w, const char *name);

/* What tells slots from each other, see struct latency_slot; none is NULL. */
struct slot_key {
	const char *share;
	const char *user;
	const char *client;
	const char *objects;
};

/*
 * A slot for a new tree connect of this key: one whose tree connect has
 * ended, else a new one. It is marked as connected if connected is true; then
 * its tree_connects grows by one.
 */
struct slot_writer *segment_slot(struct segment_writer *w,
				 const struct slot_key *key, bool connected);

/* The tree connect of this slot has ended. */
void slot_disconnected(struct slot_writer *s);

/* The frame of the root that a node of this slot is below, or is. */
uint16_t slot_root_frame(const struct slot_writer *s,
			 const struct latency_node *node);

/*
 * The node below parent, a node of this slot, with this frame; claimed if need
 * be. When the table is full, the node (overflow).
 */
struct latency_node *slot_node_below(struct slot_writer *s,
				     const struct latency_node *parent,
				     unsigned frame);

/*
 * The line of an octave of the node's histogram, claimed if need be; or 0.
 * Octaves 0 and 1 are claimed together, one after the other.
 */
uint32_t node_octave_claim(struct segment_writer *w, struct latency_node *node,
			   unsigned octave);

/*
 * Counts one call of any duration, with its error (errno, NTSTATUS, UINT32_MAX
 * if not known; 0: none); if there is no room for it, as unmeasured.
 */
void node_record(struct segment_writer *w, struct latency_node *node,
		 uint64_t ns, uint64_t bytes, uint32_t error);

/*
 * Takes up what node_record() may have changed with a call of so many ns, so
 * that the next one like it is a usual one if it is below limit_ns.
 */
void node_writer_update(struct segment_writer *w, struct node_writer *n,
			uint64_t ns, uint64_t limit_ns);

/* Adds count errors of this code (errno or NTSTATUS) to a node. */
void node_errors(struct segment_writer *w, struct latency_node *node,
		 uint32_t code, uint64_t count);

/* The ring of slow ops, claimed if need be; or NULL. */
struct latency_slow_ring *segment_slow_ring(struct segment_writer *w);

/* Departed: these are the ids of segments counted here that may still exist. */
bool segment_folded(struct segment_writer *w, const uint64_t *ids,
		    uint32_t count);

/*
 * Adds counters of private memory to a node. Returns false, and adds
 * nothing, if there is no room for all of them.
 */
struct row_sum;
bool node_merge(struct segment_writer *w, struct latency_node *node,
		const struct row_sum *sum);

/* ------------------------------------------------------------------------ */

/* Node number n of a slot; 0 <= n < slot->nodes. */
static inline struct latency_node *slot_node(const struct slot_writer *s,
					     unsigned number)
{
	return &s->chunk[number / LATENCY_CHUNK_NODES]
			[number % LATENCY_CHUNK_NODES];
}

static inline uint32_t node_line(const struct segment_writer *w,
				 const struct latency_node *node)
{
	return (uint32_t)((size_t)((const unsigned char *)node - w->base) /
			  LATENCY_LINE);
}

/* Is a call of ns nanoseconds a usual one? Else it is for node_record(). */
static inline bool node_is_usual(const struct node_writer *n, uint64_t ns)
{
	return likely(ns - n->low_ns < n->span_ns);
}

/*
 * Counts one usual call of ns nanoseconds that moved so many bytes, and if it
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
