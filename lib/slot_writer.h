/*
 * The slots of a segment that is being written, and the nodes of their trees:
 * looked for and claimed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SLOT_WRITER_H
#define SLOT_WRITER_H

#include <stdbool.h>
#include <stdint.h>

#include "segment_lines.h"

/* The private side of a slot: what makes its nodes quick to find. */
struct slot_writer {
	struct slot_writer *next;
	struct hash_item free;		/* in free_slots; not if connected */
	struct segment_writer *segment;
	struct latency_slot *slot;
	uint32_t line;			/* of slot */
	uint32_t nodes;
	struct latency_node *chunk[LATENCY_MAX_NODES / LATENCY_CHUNK_NODES];
	uint16_t *node; /* numbers, hashed by parent and frame */
	uint32_t node_mask;
	void *private_data;		/* the user's, of the arena */
	struct file_writer *files;	/* NULL: not claimed */
};

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

/* Node number n of a slot; 0 <= n < slot->nodes. */
static inline struct latency_node *slot_node(const struct slot_writer *s,
					     unsigned number)
{
	return &s->chunk[number / LATENCY_CHUNK_NODES]
			[number % LATENCY_CHUNK_NODES];
}

#endif
