/*
 * Places: the private side of the calling context tree. There is a place for
 * each node in which ops of a layer are called, and for each root; one of them
 * is current.
 *
 * This file must not know: what a request is, how an op is timed, and which
 * root an op runs under.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PLACE_H
#define PLACE_H

#include "module.h"
#include "op_path.h"

#pragma GCC visibility push(hidden)

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
	struct layer *beside;		/* another one of its slot */
	struct slot_writer *slot;
	const struct latency_control *control;
	struct connection_struct *conn;	/* NULL when disconnected */
	unsigned number;		/* in the segment's layer table */
	uint64_t notable_ns;		/* an op as long is more than counted */
	uint64_t slow_ns;		/* an op as long is slow */
	int slow_ms;			/* as in smb.conf; 0: none is */
	uint64_t exempt[(OP_COUNT + 63) / 64]; /* ops counted, not timed */
	bool names_checked;		/* see option_names.h */
	struct place *places[LAYER_BUCKETS]; /* all of it */
};

/* The next layer below that has an op, and its function there. */
struct next_layer {
	struct vfs_handle_struct *handle;
	void (*function)(void);		/* of the type of the op's */
};
#define NO_NEXT ((struct next_layer){ .handle = NULL })

/*
 * A place of the calling context tree where ops of a layer are called.
 *
 * What the end of a call must know is kept here, so that the wrapper has
 * nothing to save over the call it times. That takes that at most one
 * synchronous call is under way in a place at a time. It holds within one tree
 * connect: a call of the same op below it is in another place, the child of
 * this one. It holds in a nested event loop as well: that runs within an op, so
 * its calls are below that op. Only two ways lead back to a place that is under
 * way: by way of another tree connect, whose calls begin at the root of their
 * own slot again, and in (overflow), which has no children. find_place() of
 * op_timer.c looks for both, and counts such a call without timing it.
 *
 * Async ops are not kept here (async_op.h): many are in flight at once.
 *
 * In the order of use: a call that makes no other touches the first 128 bytes.
 */
struct place {
	struct op_path path;		/* of the op */
	struct vfs_handle_struct *handle; /* whose op it is; NULL: not usual,
					     or time is not of the TSC */
	struct next_layer next;
	struct place *outer;		/* current when the op has ended */
	struct node_writer writer;

	struct place *const *child;	/* by op: the place of it below this */
	uint64_t inner_ns;		/* of the calls in it that have ended */
	struct vfs_handle_struct *timed; /* whose op it is, by either clock */
	struct vfs_handle_struct *exempt; /* the same, if it is not timed */
	struct layer *layer;		/* NULL for roots */
	struct slot_writer *slot;	/* NULL only for place_nowhere */
	struct place *parent;
	/* Of a root, see place_of_part(). */
	struct place *send;
	struct place *pending;
	struct place *next_place;	/* in its bucket of the layer */
	struct place **own_child;	/* = child, if any is known */
	unsigned frame_op;		/* op, and LATENCY_FRAME_ASYNC */
} __attribute__((aligned(64)));

/* ----------------------------- what is current --------------------------- */

/*
 * Where the next op is called: in the innermost op under way; between ops in
 * the request of this turn, or place_nowhere where that is unknown. Never NULL.
 */
extern struct place *place_current;
extern struct place place_nowhere;

/* The op of the current place, timed, begins: readers see it under way. */
static inline void place_begin(struct place *place, uint64_t ticks)
{
	/* CURRENT_BEFORE_BEGUN, pairs with the fence of under_way_read(). */
	word_publish(&place->writer.node->begun, ticks);
}

/* It has ended. */
static inline void place_end(struct place *place)
{
	word_write(&place->writer.node->begun, 0);
}

/*
 * When the op of a place that is under way began, in ticks. There is no copy:
 * if somebody has written to the segment, or truncated it, one duration is
 * wrong.
 */
static inline uint64_t place_begun(const struct place *place)
{
	return place->writer.node->begun;
}

static inline bool place_is_root(const struct place *place)
{
	return place->layer == NULL;
}

static inline bool place_is_async(const struct place *place)
{
	return place->frame_op & LATENCY_FRAME_ASYNC;
}

/* Is a synchronous op under way? */
static inline bool place_op_is_under_way(void)
{
	return !place_is_root(place_current);
}

/* Is a synchronous call under way in this place? */
bool place_is_under_way(const struct place *place);

/* The frame of the root that it is below. */
static inline uint16_t place_root_frame(const struct place *place)
{
	return slot_root_frame(place->slot, place->writer.node);
}

/* ------------------------------- inner time ------------------------------ */

/*
 * The time of each call is added to inner_ns of the place around it, so that of
 * the outermost calls gathers in roots. place_nowhere stands for all of them:
 * it takes over the time of a root that is left.
 */
static inline void place_leave_root(struct place *root)
{
	uint64_t ns = root->inner_ns;

	root->inner_ns = 0;
	place_nowhere.inner_ns += ns;
}

/* The next outermost op may run under another root: it is looked for again. */
static inline void place_forget_root(void)
{
	if (place_is_root(place_current)) {
		place_leave_root(place_current);
		place_current = &place_nowhere;
	}
}

/*
 * Time in outermost synchronous calls since this was called last, in ns.
 * Forgets the root.
 */
static inline uint64_t place_collect_inner_ns(void)
{
	uint64_t ns;

	place_forget_root();
	ns = place_nowhere.inner_ns;
	place_nowhere.inner_ns = 0;
	return ns;
}

/* What place_collect_inner_ns() would return, between two outermost calls. */
static inline uint64_t place_inner_ns(void)
{
	return place_nowhere.inner_ns +
		(place_current == &place_nowhere ? 0 : place_current->inner_ns);
}

/* --------------------------------- the tree ------------------------------ */

/* The first of the layers of a slot, which are beside each other, or NULL. */
struct layer *slot_layers(const struct slot_writer *slot);

/* Adds one that is new to its slot. Returns false if there is no memory. */
bool slot_add_layer(struct layer *layer);

/* The place of an op of this layer below parent; NULL: no memory. */
struct place *place_below(struct layer *layer, struct place *parent,
			  unsigned frame_op);

/* From now on the calls of op below parent are known to be of this place. */
void place_know_child(struct place *parent, unsigned op, struct place *place);

/* From now on calls of this op below parent take the long way. */
void place_forget_child(struct place *parent, unsigned op);

/*
 * What is known of the usual calls of this layer, and of the usual requests of
 * its slot, is not true any more.
 */
void layer_forget(struct layer *layer);

/* The place of a root of this slot; NULL: no memory. */
struct place *place_of_root(struct slot_writer *slot, unsigned root);

/*
 * That of a part of the time of an opcode's requests below their root:
 * LATENCY_ROOT_SEND or LATENCY_ROOT_PENDING; from now on in *known, which is in
 * the root. NULL: no memory, no room.
 */
struct place *place_of_part(struct slot_writer *slot, struct place *root,
			    enum latency_root part, struct place **known);

#pragma GCC visibility pop

#endif
