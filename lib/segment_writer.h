/*
 * Writing a segment: make it, and what its header says. Its slots and nodes
 * are claimed by slot_writer.h, calls are counted by node_writer.h.
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

#include "latency_error.h"
#include "node_writer.h"
#include "segment_lines.h"
#include "slot_writer.h"

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

/*
 * The same in memory that no other process sees: for counters that come from
 * elsewhere. It may grow to LATENCY_MAX_SIZE; what it holds so far is its first
 * used lines.
 */
struct segment_writer *segment_create_private(
	const struct segment_identity *identity, struct latency_error *error);

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

/* The ring of slow ops, claimed if need be; or NULL. */
struct latency_slow_ring *segment_slow_ring(struct segment_writer *w);

/* Departed: these are the ids of segments counted here that may still exist. */
bool segment_folded(struct segment_writer *w, const uint64_t *ids,
		    uint32_t count);

#endif
