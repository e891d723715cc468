/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "op_timer.h"
#include "invariant.h"
#include "op_probe.h"
#include "op_trace.h"
#include "request_timer.h"
#include "slow_op.h"
#include "wall_clock.h"

static void report_begin(const struct place *place)
{
	int saved_errno = errno;
	TALLOC_CTX *frame = talloc_stackframe();
	struct latency_op_event e = {
		.message_id = request_timer_message_id(),
		.path = op_path_string(place->path),
		.offset = op_path_offset(place->path),
	};

	op_probe_begin(place, &e);
	TALLOC_FREE(frame);
	errno = saved_errno;
}

/*
 * The place above an op of this layer, and in *outer what becomes current when
 * the op has ended: a request stays so until the end of the turn; other roots
 * are looked for each time, since the request may become known meanwhile.
 */
static struct place *parent_of(struct layer *layer, struct place **outer)
{
	struct place *root;

	*outer = place_current;
	if (place_current->slot == layer->slot) {
		return place_current;
	}
	root = request_timer_root(layer);
	if (root != NULL && place_is_root(place_current)) {
		place_leave_root(place_current);
		*outer = LATENCY_FRAME_OP(root->writer.node->frame) <
			LATENCY_OPCODES && request_timer_is_settled() ?
			root : &place_nowhere;
	}
	return root;
}

/*
 * Is this what becomes current after a usual op below parent? After an
 * outermost op that may be place_nowhere as well as the root: then the root is
 * looked for again, no more.
 */
static inline bool is_usual_outer(const struct place *outer,
				  const struct place *parent)
{
	return outer == parent || outer == &place_nowhere;
}

/*
 * The place of an op that is unknown below parent; from now on it is, if the
 * next call can take the short way. NULL: the op is not timed.
 */
static __attribute__((noinline))
struct place *find_place(struct vfs_handle_struct *handle, unsigned frame_op,
			 struct place *parent, struct place *outer)
{
	struct layer *layer = handle->data;
	unsigned op = LATENCY_FRAME_OP(frame_op);
	struct place *place = place_below(layer, parent, frame_op);
	bool exempt = layer->exempt[op / 64] >> (op % 64) & 1;

	if (unlikely(place == NULL)) {
		word_add(&layer->slot->segment->header->unmeasured, 1);
		return NULL;
	}
	/*
	 * At most one call is timed in a place at a time (place.h): what
	 * overflows is timed by its outermost call, and so is what calls
	 * itself by way of another tree connect.
	 */
	if (unlikely(place->writer.node == parent->writer.node) ||
	    (unlikely(place_current->slot != layer->slot) &&
	     unlikely(place_is_under_way(place)))) {
		word_add(&place->writer.node->untimed, 1);
		return NULL;
	}
	place->timed = exempt ? NULL : handle;
	/* The handle makes it usual, and that takes a stamp of the TSC. */
	place->handle = op_mode & OP_MODE_NO_TSC ? NULL : place->timed;
	place->exempt = exempt ? handle : NULL;
	if (frame_op == op) {
		/* A handle is valid only while its tree is connected. */
		if ((op_mode & ~(OP_MODE_NO_TSC | OP_MODE_TRACE)) == 0 &&
		    is_usual_outer(outer, parent) &&
		    place->parent == parent && layer->conn != NULL) {
			place_know_child(parent, op, place);
		} else {
			/* The next call must set place->outer again. */
			place_forget_child(parent, op);
		}
	}
	if (exempt) {
		word_add(&place->writer.node->untimed, 1);
		return NULL;
	}
	INVARIANT(place_is_async(place) || !place_is_under_way(place));
	return place;
}

struct place *op_timer_enter(struct vfs_handle_struct *handle,
			     unsigned frame_op, struct op_path path)
{
	struct layer *layer = handle->data;
	struct place *outer, *parent, *place;

	if (unlikely(layer == NULL)) {
		if (latency_segment != NULL && !op_mode_is_off()) {
			word_add(&latency_segment->header->unmeasured, 1);
		}
		return NULL;
	}
	if (op_mode & OP_MODE_UNTRACED) {
		op_mode_update();
	}
	if (op_mode_is_off()) {
		return NULL;
	}
	parent = parent_of(layer, &outer);
	if (unlikely(parent == NULL)) {
		word_add(&layer->slot->segment->header->unmeasured, 1);
		return NULL;
	}
	place = parent->child[LATENCY_FRAME_OP(frame_op)];
	if (place->timed != handle || !is_usual_outer(outer, parent) ||
	    (frame_op & LATENCY_FRAME_ASYNC)) {
		place = find_place(handle, frame_op, parent, outer);
		if (place == NULL) {
			return NULL;
		}
	}
	place->outer = outer;
	place->path = path;
	place_current = place;
	if (PROBE_IS_ON(vfs_latency, op_entry)) {
		report_begin(place);
	}
	return place;
}

bool op_timer_begin(struct vfs_handle_struct *handle, struct next_layer next,
		    unsigned op, struct op_path path)
{
	struct place *place = op_timer_enter(handle, op, path);

	if (place == NULL) {
		return false;
	}
	place->next = next;
	place_begin(place, clock_ticks());
	return true;
}

static void trace(const struct place *place, uint64_t start, uint64_t ns,
		  uint32_t error, uint64_t bytes, struct op_path path)
{
	struct latency_event e = {
		.begun_ns = place_is_async(place) ? start :
			clock_of_ticks(start),
		.duration_ns = ns,
		.offset = op_path_offset(path),
		.bytes = bytes,
		.error = error,
		.message_id = request_timer_message_id(),
		.request = request_timer_flight(),
	};

	op_trace(place, &e);
}

void op_timer_report(const struct place *place, uint64_t start, uint64_t ns,
		     uint32_t error, uint64_t bytes, struct op_path path)
{
	bool slow = ns >= place->layer->slow_ns &&
		slow_op_is_new(place, start, ns, path);
	int saved_errno = errno;
	struct latency_op_event e;
	TALLOC_CTX *frame;

	if (op_mode & OP_MODE_TRACE) {
		trace(place, start, ns, error, bytes, path);
	}
	if (!slow && !PROBE_IS_ON(vfs_latency, op_return)) {
		return;
	}
	frame = talloc_stackframe();
	e = (struct latency_op_event){
		.message_id = request_timer_message_id(),
		.path = op_path_string(path),
		.duration_ns = ns,
		.bytes = bytes,
		.error = error,
		.offset = op_path_offset(path),
	};
	op_probe_end(place, &e, slow);
	if (slow) {
		slow_op_keep(place, ns, error, e.path);
	}
	TALLOC_FREE(frame);
	errno = saved_errno;
}

uint64_t op_timer_span(void)
{
	return clock_scale(clock_ticks() - place_begun(place_current));
}

/* Apart, so that op_timer_finish() has nothing to save in the usual case. */
static __attribute__((noinline)) void
finish_unusual(uint64_t ns, uint32_t error, uint64_t bytes)
{
	int saved_errno = errno;
	struct place *place = place_current;
	struct segment_writer *w = place->slot->segment;
	struct layer *layer = place->layer;
	uint64_t begun = place_begun(place);

	if (clock_in_doubt(ns)) {
		ns = clock_ticks_since(begun);
		if (op_timer_count(ns, error, bytes)) {
			/* Usual but for the clock. */
			return;
		}
	}
	place_current = place->outer;
	node_record(w, place->writer.node, ns, bytes, error);
	node_writer_update(w, &place->writer, ns,
			   layer->notable_ns < LATENCY_LONG_NS ?
			   layer->notable_ns : LATENCY_LONG_NS);
	place_current->inner_ns += ns;
	if (ns >= LATENCY_LONG_NS && place_is_root(place_current)) {
		/* Now, since readers that have seen it have counted it. */
		wall_clock_flush();
	}
	place_end(place);
	if (ns >= layer->notable_ns) {
		op_timer_report(place, begun, ns, error, bytes, place->path);
	}
	errno = saved_errno;
}

void op_timer_finish(uint64_t ns, uint32_t error, uint64_t bytes)
{
	INVARIANT(place_op_is_under_way() &&
		  place_current->layer->slot == place_current->slot);
	if (clock_in_doubt(ns) || !op_timer_count(ns, error, bytes)) {
		finish_unusual(ns, error, bytes);
	}
}
