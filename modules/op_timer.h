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
 * A wrapper asks op_timer_begin_known() before, which also knows next.
 * Between the two stamps lies the call and nothing else; what recording and
 * probes take is in the total of the op around it, if there is one. Every op
 * that is timed fires its probes, and no other.
 *
 * Neither allocates, logs nor locks, except when something happens for the
 * first time in a slot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_TIMER_H
#define OP_TIMER_H

#include "latency_clock.h"
#include "place.h"
#include "process.h"

#pragma GCC visibility push(hidden)

/* -------------------------------- any case ------------------------------- */

/*
 * Begins an op. next: kept in the place for op_timer_begin_known(). Returns
 * false if the op is not to be timed.
 */
bool op_timer_begin(struct vfs_handle_struct *handle, struct next_layer next,
		    unsigned op, struct op_path path);

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

static inline void op_timer_end(uint32_t error, uint64_t bytes)
{
	op_timer_finish(op_timer_span(), error, bytes);
}

/* ----------------------------- the usual case ---------------------------- */

/* Known when compiled: it never was anything else in this place. */
#define ALWAYS_NULL(word) \
	(__builtin_constant_p((word) == 0) && (word) == 0)

/* An op that was called in this place before begins again; all but the time. */
static inline __attribute__((always_inline))
void op_timer_enter_again(struct place *place, struct op_path path)
{
	if (!ALWAYS_NULL(path.fsp)) {
		place->path.fsp = path.fsp;
	}
	if (!ALWAYS_NULL(path.name)) {
		place->path.name = path.name;
	}
	if (!ALWAYS_NULL(path.behind)) {
		place->path.behind = path.behind;
	}
	place_current = place;
}

/*
 * The usual case costs a handful of instructions: an op that was called in
 * this place of the tree before. Returns the place, or NULL if it is not that;
 * then nothing has been done, and op_timer_begin() must be called.
 */
static inline __attribute__((always_inline))
const struct place *op_timer_begin_known(struct vfs_handle_struct *handle,
					 unsigned op, struct op_path path)
{
	struct place *place = place_current->child[op];

	/* Unknown or unmeasured places have a NULL handle. */
	if (unlikely(place->handle != handle)) {
		return NULL;
	}
	op_timer_enter_again(place, path);
	place_begin(place, clock_tsc());
	return place;
}

/* The same on a machine where time does not come from the TSC. */
static inline __attribute__((always_inline))
const struct place *op_timer_begin_no_tsc(struct vfs_handle_struct *handle,
					  unsigned op, struct op_path path)
{
	struct place *place = place_current->child[op];

	if (op_mode != OP_MODE_NO_TSC || place->timed != handle) {
		return NULL;
	}
	op_timer_enter_again(place, path);
	place_begin(place, clock_monotonic());
	return place;
}

/*
 * After op_timer_begin_known(): is the op left out? True while nothing is
 * measured, and where it is exempt and has been called before; then counts it.
 */
static inline __attribute__((always_inline))
bool op_timer_leaves_out(struct vfs_handle_struct *handle, unsigned op)
{
	struct place *place = place_current->child[op];

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
 * Records the op if it is a usual one. Returns false if not; then nothing has
 * been done.
 */
static inline __attribute__((always_inline))
bool op_timer_count(uint64_t ns, uint32_t error, uint64_t bytes)
{
	struct place *place = place_current;
	struct place *outer = place->outer;
	struct latency_node *node = place->writer.node;

	if (!node_is_usual(&place->writer, ns, bytes)) {
		return false;
	}
	if (error != 0 && unlikely(error != node->error_code)) {
		return false;
	}
	place_end(place);
	node_count_result(&place->writer, ns, bytes, error != 0);
	outer->inner_ns += ns;
	place_current = outer;
	return true;
}

/*
 * The usual end, as op_timer_begin_known() is the usual begin. Returns false if
 * it is not that; then nothing has been done, and op_timer_finish() must be
 * called with *ns.
 *
 * No call is a usual one while somebody listens. A clock that went back makes
 * a duration that is too long to be usual.
 */
static inline __attribute__((always_inline))
bool op_timer_end_usual(uint32_t error, uint64_t bytes, uint64_t *ns)
{
	uint64_t end = clock_tsc();

	*ns = clock_scale(end - place_begun(place_current));
	return op_timer_count(*ns, error, bytes);
}

/* ------------------------------ for async_op ----------------------------- */

/*
 * Makes the place of an op the current one: what all ops begin with. frame_op:
 * op, and LATENCY_FRAME_ASYNC of a pair. NULL: it is not timed.
 */
struct place *op_timer_enter(struct vfs_handle_struct *handle,
			     unsigned frame_op, struct op_path path);

/*
 * An op that took its layer's notable_ns or longer has ended: for the trace,
 * the probes, and if it is slow. start: of a pair in ns, else in ticks.
 */
void op_timer_report(const struct place *place, uint64_t start, uint64_t ns,
		     uint32_t error, uint64_t bytes, struct op_path path);

#pragma GCC visibility pop

#endif
