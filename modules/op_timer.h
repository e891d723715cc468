/*
 * op_timer_begin() and op_timer_end(): the only way to record an op. They
 * know the clock, the nesting of ops, the calling context tree, and that errno
 * is not theirs.
 *
 * Around a synchronous call:
 *
 *	struct op_timer t;
 *	if (!op_timer_begin(&t, handle, OP_stat, path)) {
 *		return next(...);
 *	}
 *	result = next(...);
 *	op_timer_end(&t, error, bytes, path);
 *
 * where error is 0 for success, else the errno or NTSTATUS of the result.
 * Between the two stamps lies the call and nothing else; what recording and
 * probes take is in the total of the op around it, if there is one. Every op
 * that is timed fires its probes, and no other.
 *
 * An asynchronous op starts the same way with op_timer_begin_async(), goes on
 * with op_timer_sent() after the send function and ends in the recv function
 * with op_timer_received(). It is measured from before send to after recv.
 *
 * Neither allocates, logs nor locks, except when something happens for the
 * first time in a slot, and for one small talloc object an async op.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_TIMER_H
#define OP_TIMER_H

#include "module.h"
#include "latency_clock.h"
#include "latency_probes.h"
#include "op_path.h"
#include "request_timer.h"
#include "turn.h"

struct op_timer {
	struct layer *layer;
	uint64_t start_ns;
	struct slot_writer *outer_slot;	/* what was current before */
	uint16_t outer_node;
	uint16_t parent;		/* number of the node above */
	uint16_t node;
	uint16_t op;
};

/*
 * The innermost op being timed: its node is the parent of the next. slot is
 * NULL outside all ops.
 */
struct op_current {
	struct slot_writer *slot;
	uint16_t node;
};

extern struct op_current op_current;

/* Counts an op that smb.conf exempts from being timed. */
void op_timer_count(struct layer *layer, unsigned op);

/* Tells who listens that an op is about to be timed. */
void op_timer_tell_begin(const struct op_timer *t, bool async,
			 struct op_path path);

/*
 * Tells who listens that it has ended, and remembers it if it was slow. Like
 * all of op_timer, leaves errno alone.
 */
void op_timer_tell_end(const struct op_timer *t, uint64_t ns, uint32_t error,
		       uint64_t bytes, struct op_path path);

/* Takes over the threshold of slow ops that is in force now. */
void layer_update(struct layer *layer);

/* The frame of the root that the op runs under. */
uint16_t op_timer_root(const struct op_timer *t);

/* In a forked child: nothing is under way. */
void op_timer_forget(void);

/* Counts an error of this code. */
void op_timer_error(struct layer *layer, struct latency_row *row,
		    uint32_t error);

/* The outermost op has ended after ns. */
static inline void op_timer_outermost(const struct op_timer *t, uint64_t ns)
{
	struct latency_node *root = slot_node(t->layer->slot, t->parent);

	turn.vfs_ns += ns;
	/* Requests time themselves; the other roots are made of their ops. */
	if (LATENCY_FRAME_OP(root->frame) >= LATENCY_OPCODES) {
		node_record(root, ns);
	}
}

static inline bool op_timer_enter(struct op_timer *t,
				  struct vfs_handle_struct *handle,
				  unsigned op, unsigned frame_flags)
{
	struct layer *layer = handle->data;

	if (unlikely(layer == NULL) ||
	    unlikely(word_read(&layer->control->off) != 0)) {
		return false;
	}
	if (unlikely(layer->exempt[op / 64] >> (op % 64) & 1)) {
		op_timer_count(layer, op);
		return false;
	}
	t->layer = layer;
	t->op = (uint16_t)op;
	t->outer_slot = op_current.slot;
	t->outer_node = op_current.node;
	t->parent = likely(op_current.slot == layer->slot) ? op_current.node :
		request_timer_root(layer);
	t->node = (uint16_t)slot_node_below(layer->slot, t->parent,
					    LATENCY_FRAME(layer->number, op) |
					    frame_flags);
	op_current.slot = layer->slot;
	op_current.node = t->node;
	return true;
}

static inline void op_timer_leave(const struct op_timer *t)
{
	op_current.slot = t->outer_slot;
	op_current.node = t->outer_node;
}

static inline bool op_timer_begin(struct op_timer *t,
				  struct vfs_handle_struct *handle,
				  unsigned op, struct op_path path)
{
	if (!op_timer_enter(t, handle, op, 0)) {
		return false;
	}
	if (PROBE_IS_ON(vfs_latency, op_entry)) {
		op_timer_tell_begin(t, false, path);
	}
	t->start_ns = clock_now();
	return true;
}

static inline void op_timer_end(const struct op_timer *t, uint32_t error,
				uint64_t bytes, struct op_path path)
{
	uint64_t ns = clock_span(t->start_ns, clock_now());
	struct slot_writer *slot = t->layer->slot;
	struct latency_row *row = slot_row(slot, t->layer->number, t->op);

	op_timer_leave(t);
	if (likely(row != NULL)) {
		row_record(slot, row, ns, bytes);
		if (unlikely(error != 0)) {
			op_timer_error(t->layer, row, error);
		}
	}
	/* What overflows is timed once, by its outermost call. */
	node_record(slot_node(slot, t->node),
		    likely(t->parent != LATENCY_NODE_OVERFLOW) ? ns : 0);
	if (t->outer_slot == NULL) {
		op_timer_outermost(t, ns);
	}
	if (unlikely(ns >= t->layer->slow_ns) ||
	    PROBE_IS_ON(vfs_latency, op_return)) {
		op_timer_tell_end(t, ns, error, bytes, path);
	}
}

bool op_timer_begin_async(struct op_timer *t, struct vfs_handle_struct *handle,
			  unsigned op, struct op_path path);

/*
 * The send function has returned req, NULL if it failed, for an op on path,
 * which must stay valid until the recv function has returned.
 */
void op_timer_sent(struct op_timer *t, struct tevent_req *req,
		   struct op_path path);

/*
 * The recv function has returned. error is 0 for success; service_ns is how
 * long the system call took, 0 if that is not known.
 */
void op_timer_received(struct tevent_req *req, uint32_t error, uint64_t bytes,
		       uint64_t service_ns);

/* Call first thing in a recv function: makes its request the current one. */
void op_timer_resume(struct tevent_req *req);

#endif
