/*
 * op_timer_begin() and op_timer_end(): the only way to record an op. They
 * know the clock, the nesting of ops, the calling context tree, and that errno
 * is not theirs.
 *
 * Around a synchronous call of the next layer:
 *
 *	if (!op_timer_begin(handle, next, OP_stat, path)) {
 *		return call(next, ...);
 *	}
 *	result = call(next, ...);
 *	op_timer_end(error, bytes);
 *
 * where error is 0 for success, else the errno or NTSTATUS of the result.
 * Who is in a hurry asks op_timer_begin_again() before, which also knows next.
 * Between the two stamps lies the call and nothing else; what recording and
 * probes take is in the total of the op around it, if there is one. Every op
 * that is timed fires its probes, and no other.
 *
 * An asynchronous op starts the same way with op_timer_begin_async(), goes on
 * with op_timer_sent() after the send function and ends in the recv function
 * with op_timer_received(). It is measured from before send to after recv.
 *
 * Neither allocates, logs nor locks, except when something happens for the
 * first time in a slot, or more async ops are in flight than ever before.
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

/* An op under way, for who wants to know more of it. */
struct op_timer {
	struct layer *layer;
	struct latency_node *node;	/* that it is counted in */
};

/* The next layer below that has an op, and its function there. */
struct next_layer {
	struct vfs_handle_struct *handle;
	void (*function)(void);		/* of the type of the op's */
};
#define NO_NEXT ((struct next_layer) { .handle = NULL })

/*
 * A place of the calling context tree where ops of a layer are called: the
 * private side of a node. At a given moment at most one synchronous call is
 * under way in a place, since a call of the same op below it is in another, so
 * what its end must know is kept here; the wrapper then has nothing to save
 * over the call it times. In the order of use: a call that makes no other
 * touches the first 128 bytes.
 */
struct place {
	struct op_path path;		/* of the op */
	struct vfs_handle_struct *handle; /* whose op it is; NULL: not usual,
					     or time is not of the TSC */
	struct next_layer next;
	struct place *outer;		/* current again when the op has ended */
	uint64_t start;			/* ticks */
	uint32_t line;			/* of the node; 0: of none */
	struct node_writer writer;

	struct place *const *child;	/* by op: the place of it below this */
	uint64_t inner_ns;		/* of the calls in it that have ended */
	struct vfs_handle_struct *timed; /* whose op it is, by either clock */
	struct vfs_handle_struct *exempt; /* the same, if it is not timed */
	struct layer *layer;		/* NULL for roots */
	struct slot_writer *slot;	/* NULL only for op_nowhere */
	struct place *parent;
	struct place *next_place;	/* in its bucket of the layer */
	struct place **own_child;	/* what child points to, if any is known */
	unsigned frame_op;		/* op, and LATENCY_FRAME_ASYNC of a pair */
} __attribute__((aligned(64)));

/*
 * Where the next op is called: in the innermost op under way; between ops in
 * the request of this turn, or op_nowhere where that is not known. Never NULL.
 */
extern struct place *op_current;
extern struct place op_nowhere;

/* Where readers see what is current: latency_now's node. Never NULL. */
extern uint32_t *op_now;

/* Makes a place current again. */
static inline void op_return_to(struct place *place)
{
	op_current = place;
	word_write(op_now, place->line);
}

/* The op of the current place, timed, begins. */
static inline void op_begun(struct place *place, uint64_t ticks)
{
	place->start = ticks;
	word_write(&place->writer.node->begun, ticks);
	word_publish(op_now, place->line);
}

/* Readers find what is current in this segment, NULL: nowhere any more. */
void op_timer_publish(struct segment_writer *w);

/* Tells readers how long a tick is: whenever the clock may have changed. */
void op_timer_publish_clock(struct segment_writer *w);

/*
 * Why an op cannot take the short way, as bits; 0: it can. Brought up to date
 * whenever smbd has waited by op_timer_update(). As long as it is not 0, no
 * place knows its children.
 */
#define OP_MODE_OFF 1u		/* switched off */
#define OP_MODE_PROBES 2u	/* somebody listens to the probes of ops */
#define OP_MODE_UNTRACED 4u	/* no event loop that would update this */
#define OP_MODE_NO_TSC 8u	/* time does not come from the TSC */

extern unsigned op_mode;

/* Looks whether it is off and who listens. */
void op_timer_update(void);

/*
 * Would op_timer_update() find something after a wait? What is not looked at
 * here is changed by the module itself, which then calls it.
 */
static inline bool op_timer_is_due(const struct latency_control *control)
{
	return unlikely(op_mode != 0) || unlikely(word_read(&control->off)) ||
		PROBE_IS_ON(vfs_latency, op_entry) ||
		PROBE_IS_ON(vfs_latency, op_return);
}

/* Is nothing measured now? */
static inline bool op_timer_is_off(void)
{
	return op_mode & OP_MODE_OFF;
}

/* Is a synchronous op under way? */
static inline bool op_timer_is_under_way(void)
{
	return op_current->layer != NULL;
}

/* Before another root becomes current: op_nowhere takes over its time. */
static inline void take_inner(struct place *root)
{
	uint64_t ns = root->inner_ns;

	root->inner_ns = 0;
	op_nowhere.inner_ns += ns;
}

/* The op will be below another request: look for it again. */
static inline void op_timer_forget_request(void)
{
	if (op_current->layer == NULL) {
		take_inner(op_current);
		op_return_to(&op_nowhere);
	}
}

/*
 * Time in outermost synchronous calls since it was asked last, in ns. Forgets
 * the request.
 */
static inline uint64_t op_timer_take_ns(void)
{
	uint64_t ns;

	op_timer_forget_request();
	ns = op_nowhere.inner_ns;
	op_nowhere.inner_ns = 0;
	return ns;
}

/* What op_timer_take_ns() would return, between two outermost calls. */
static inline uint64_t op_timer_peek_ns(void)
{
	return op_nowhere.inner_ns +
		(op_current == &op_nowhere ? 0 : op_current->inner_ns);
}

/* In a forked child: nothing is under way. */
void op_timer_forget(void);

/* What is known of the usual calls of this layer is not true any more. */
void layer_forget(struct layer *layer);

/* Takes over the threshold of slow ops that is in force now. */
void layer_update(struct layer *layer);

/* The place of a root of this slot, LATENCY_ROOT_END of them; NULL: no memory */
struct place *place_of_root(struct slot_writer *slot, unsigned root);

/* That of sending replies below the root of an opcode; NULL: no memory, no room */
struct place *place_of_send(struct slot_writer *slot, unsigned opcode);

/* The frame of the root that the op runs under. */
uint16_t op_timer_root(const struct op_timer *t);

/*
 * What op_timer_begin() began has taken so long: for op_timer_finish(). Call
 * it first thing after the next layer's function.
 */
uint64_t op_timer_span(void);

/*
 * Records any op, by either clock, when there may be more to do than to add to
 * counters that are all there. Leaves errno alone.
 */
void op_timer_finish(uint64_t ns, uint32_t error, uint64_t bytes);

/* Known when compiled: it never was anything else in this place. */
#define ALWAYS_NULL(pointer) \
	(__builtin_constant_p((pointer) == NULL) && (pointer) == NULL)

/*
 * The usual case costs a handful of instructions: an op that was called in
 * this place of the tree before. Returns the place, or NULL if it is not that;
 * then nothing has been done, and op_timer_begin() must be asked.
 */
static inline __attribute__((always_inline))
const struct place *op_timer_begin_again(struct vfs_handle_struct *handle,
					 unsigned op, struct op_path path)
{
	struct place *place = op_current->child[op];

	/* What is not known, or not measured, is of no handle. */
	if (unlikely(place->handle != handle)) {
		return NULL;
	}
	if (!ALWAYS_NULL(path.fsp)) {
		place->path.fsp = path.fsp;
	}
	if (!ALWAYS_NULL(path.name)) {
		place->path.name = path.name;
	}
	op_current = place;
	op_begun(place, clock_tsc());
	return place;
}

/*
 * The quick way past op_timer_begin(), after op_timer_begin_again(): nothing is
 * measured now, or this op is exempt and has been called here before.
 */
static inline __attribute__((always_inline))
bool op_timer_pass(struct vfs_handle_struct *handle, unsigned op)
{
	struct place *place = op_current->child[op];

	if ((op_mode & (OP_MODE_OFF | OP_MODE_UNTRACED)) == OP_MODE_OFF) {
		return true;
	}
	if (place->exempt != handle) {
		return false;
	}
	word_add(&place->writer.node->untimed, 1);
	return true;
}

/*
 * Any case. next: kept in the place for op_timer_begin_again(). Returns false if
 * the op is not to be timed.
 */
bool op_timer_begin(struct vfs_handle_struct *handle, struct next_layer next,
		    unsigned op, struct op_path path);

/*
 * Records the op if it is a usual one. Returns false if not; then nothing has
 * been done.
 */
static inline __attribute__((always_inline))
bool op_timer_count(uint64_t ns, uint32_t error, uint64_t bytes)
{
	struct place *place = op_current;
	struct latency_node *node = place->writer.node;

	if (!node_is_usual(&place->writer, ns)) {
		return false;
	}
	if (error != 0 && unlikely(error != node->error_code)) {
		return false;
	}
	node_count_result(&place->writer, ns, bytes, error != 0);
	op_return_to(place->outer);
	op_current->inner_ns += ns;
	return true;
}

/*
 * The usual end, as op_timer_begin_again() is the usual begin. Returns false if
 * it is not that; then nothing has been done, and op_timer_finish() must be
 * called with *ns.
 *
 * No call is a usual one while somebody listens. A clock that went back makes
 * a duration that is too long to be usual.
 */
static inline __attribute__((always_inline))
bool op_timer_end_again(uint32_t error, uint64_t bytes, uint64_t *ns)
{
	uint64_t end = clock_tsc();

	*ns = clock_scale(end - op_current->start);
	return op_timer_count(*ns, error, bytes);
}

/* Any case. */
static inline void op_timer_end(uint32_t error, uint64_t bytes)
{
	op_timer_finish(op_timer_span(), error, bytes);
}

/* Begins a send function; returns its start in ns, 0 if it is not timed. */
uint64_t op_timer_begin_async(struct vfs_handle_struct *handle, unsigned op,
			      struct op_path path);

/*
 * The send function has returned req, NULL if it failed, for an op on path,
 * which must stay valid until the recv function has returned.
 */
void op_timer_sent(uint64_t start_ns, struct tevent_req *req,
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
