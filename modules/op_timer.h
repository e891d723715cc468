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
 *	op_timer_end(&t, handle, error, bytes, path);
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

#pragma GCC visibility push(hidden)

struct op_timer {
	struct layer *layer;
	struct latency_node *outer;	/* what was current before */
	struct latency_node *node;	/* that it is counted in */
	uint64_t start;			/* ticks; of an async op, ns */
};

/*
 * The node that the next op is below: the innermost op under way; between ops
 * the request of this turn, or op_nowhere where that is not known. Never NULL.
 */
extern struct latency_node *op_current;
extern struct latency_node op_nowhere;

/*
 * Why an op cannot take the short way, as bits; 0: it can. Brought up to date
 * between event-loop turns by op_timer_update().
 */
#define OP_MODE_OFF 1u		/* switched off */
#define OP_MODE_PROBES 2u	/* somebody listens to the probes of ops */
#define OP_MODE_UNTRACED 4u	/* no event loop that would update this */
#define OP_MODE_NO_TSC 8u	/* time does not come from the TSC */

extern unsigned op_mode;

/* Looks whether it is off and who listens. */
void op_timer_update(void);

/* The op will be below another request: look for it again. */
void op_timer_forget_request(void);

/* In a forked child: nothing is under way. */
void op_timer_forget(void);

/* Takes over the threshold of slow ops that is in force now. */
void layer_update(struct layer *layer);

/* The frame of the root that the op runs under. */
uint16_t op_timer_root(const struct op_timer *t);

/*
 * The long way of op_timer_begin(): whenever something is not as it was the
 * last time. frame_flags: 0 or LATENCY_FRAME_ASYNC. Sets all but t->start.
 */
bool op_timer_find(struct op_timer *t, struct vfs_handle_struct *handle,
		   unsigned op, unsigned frame_flags, struct op_path path);

/*
 * The long way of op_timer_end(): when there is more to do than to add to
 * counters that are all there. end: ticks. Leaves errno alone.
 */
void op_timer_finish(struct op_timer *t, uint64_t end, uint32_t error,
		     uint64_t bytes, struct op_path path);

/*
 * The usual case costs a handful of instructions: the same op as the last
 * time in this place of the tree, so its node is known. What the end needs is
 * kept in registers, or found again: handle->data and op_current are by then
 * what they were.
 */
static inline __attribute__((always_inline))
bool op_timer_begin(struct op_timer *t, struct vfs_handle_struct *handle,
		    unsigned op, struct op_path path)
{
	struct layer *layer = handle->data;

	t->outer = op_current;
	if (likely(layer != NULL) && likely(op_mode == 0) &&
	    likely(layer->last[op].parent == t->outer)) {
		op_current = layer->last[op].node;
		t->start = clock_tsc();
	} else {
		struct op_timer found;

		if (!op_timer_find(&found, handle, op, 0, path)) {
			return false;
		}
		t->outer = found.outer;
		t->start = clock_ticks();
	}
	return true;
}

/*
 * tell_ns is 0 whenever the short way would be wrong: without the TSC, or
 * while somebody listens; and never above what a histogram can hold.
 */
static inline __attribute__((always_inline))
void op_timer_end(struct op_timer *t, struct vfs_handle_struct *handle,
		  uint32_t error, uint64_t bytes, struct op_path path)
{
	uint64_t end = clock_tsc();
	uint64_t ns = clock_ticks_to_ns(t->start, end);
	struct layer *layer = handle->data;
	struct latency_node *node = op_current;

	if (unlikely(ns >= layer->tell_ns) ||
	    unlikely(error != node->error_code && error != 0) ||
	    unlikely(!node_count(layer->base, node, ns, bytes))) {
		struct op_timer told = *t;

		told.layer = layer;
		told.node = node;
		op_timer_finish(&told, end, error, bytes, path);
		return;
	}
	if (error != 0) {
		word_add(&node->error_count, 1);
	}
	if (t->outer->parent == LATENCY_NODE_TOP) {
		turn.vfs_ns += ns;
	}
	op_current = t->outer;
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

#pragma GCC visibility pop

#endif
