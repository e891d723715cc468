/*
 * What the files of the module share: Samba's headers, the layer, the turn.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef MODULE_H
#define MODULE_H

#include "includes.h"
#include "smbd/smbd.h"
#include "smbd/globals.h"
#include "system/filesys.h"

#include "latency_config.h"
#include "latency_format.h"
#include "segment_writer.h"

#define LATENCY_MODULE "latency"

#undef DBGC_CLASS
#define DBGC_CLASS DBGC_VFS

/* The ops, numbered in the order of the table. */
enum latency_op_number {
#define OP(ret, name, class, params, args, path, doc) OP_##name,
#define OP_BY_HAND(name, class, doc) OP_##name,
#define OP_PAIR(name, class, doc) OP_##name,
#include "latency_ops.h"
	OP_COUNT
};

struct place;
#define LAYER_BUCKETS 64

/*
 * One instance of the module in the `vfs objects` of one tree connect: what
 * handle->data points to. Never freed, since async ops may outlive their tree
 * connect, but used again with the slot it belongs to. handle->data is NULL
 * where nothing is measured: then ops are counted as unmeasured, if there is a
 * segment.
 */
struct layer {
	struct layer *next;
	struct slot_writer *slot;
	const struct latency_control *control;
	struct connection_struct *conn;	/* NULL when disconnected */
	unsigned number;		/* in the segment's layer table */
	uint64_t tell_ns;		/* who takes so long, is looked at */
	uint64_t slow_ns;		/* from here on an op is slow */
	int slow_ms;			/* as in smb.conf; 0: none is */
	uint64_t exempt[(OP_COUNT + 63) / 64]; /* ops counted, not timed */
	bool names_checked;		/* see option_names.h */
	struct place *places[LAYER_BUCKETS]; /* all of it, see op_timer.h */
};

#pragma GCC visibility push(hidden)

/*
 * The segment of this process, NULL if there is none (yet): nothing was
 * connected, or it could not be made, or this is a forked child.
 */
extern struct segment_writer *latency_segment;

/* All layers there ever were; see struct layer. */
extern struct layer *latency_layers;

/* The tree connect that a tree id of a session means, or NULL. */
struct slot_writer *latency_slot_of_tid(uint64_t session_id, uint32_t tid);

/* connect and disconnect, which set the layer up, and the function table. */
int latency_connect(struct vfs_handle_struct *handle, const char *service,
		    const char *user);
void latency_disconnect(struct vfs_handle_struct *handle);
extern const struct vfs_fn_pointers latency_functions;

#pragma GCC visibility pop

#endif
