/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"
#include "op_probe.h"
#include "loop_timer.h"
#include "op_timer.h"
#include "slow_op.h"

/* Who knows no child has this place for every op. */
static struct place not_known;
static struct place *none_known[OP_COUNT] = {
	[0 ... OP_COUNT - 1] = &not_known,
};

static struct latency_node no_node;
struct place op_nowhere = { .writer.node = &no_node, .child = none_known };
struct place *op_current = &op_nowhere;
static uint32_t unseen;
uint32_t *op_now = &unseen;
unsigned op_mode = OP_MODE_UNTRACED;

/* ------------------------- what changes rarely --------------------------- */

void op_timer_update(void)
{
	unsigned mode = 0;
	struct layer *layer;

	if (latency_segment == NULL) {
		return;
	}
	if (!loop_timer_runs()) {
		mode |= OP_MODE_UNTRACED;
	}
	if (word_read(&latency_segment->header->control.off) != 0) {
		mode |= OP_MODE_OFF;
	}
	if (PROBE_IS_ON(vfs_latency, op_entry) ||
	    PROBE_IS_ON(vfs_latency, op_return)) {
		mode |= OP_MODE_PROBES;
	}
	if (!latency_clock.tsc) {
		mode |= OP_MODE_NO_TSC;
	}
	if (likely(mode == op_mode)) {
		return;
	}
	op_mode = mode;
	for (layer = latency_layers; layer != NULL; layer = layer->next) {
		layer_forget(layer);
		layer_update(layer);
	}
}

void op_timer_publish(struct segment_writer *w)
{
	op_now = w != NULL ? &w->header->now.node : &unseen;
	if (w != NULL) {
		op_timer_publish_clock(w);
	}
}

void op_timer_publish_clock(struct segment_writer *w)
{
	struct latency_now *now = &w->header->now;

	seq_write_begin(&now->seq);
	word_write(&now->ns_per_tick, latency_clock.scale);
	word_write(&now->base_ticks, latency_clock.base_tsc);
	word_write(&now->base_ns, latency_clock.base_ns);
	seq_write_end(&now->seq);
}

/* From now on calls of this op below parent take the long way. */
static void forget_child(struct place *parent, unsigned op)
{
	if (parent->own_child != NULL) {
		parent->own_child[op] = &not_known;
	}
}

static void know_child(struct place *parent, unsigned op, struct place *place)
{
	if (parent->own_child == NULL) {
		parent->own_child = arena_alloc(&parent->slot->segment->arena,
						sizeof(none_known));
		if (parent->own_child == NULL) {
			return;
		}
		memcpy(parent->own_child, none_known, sizeof(none_known));
		parent->child = parent->own_child;
	}
	parent->own_child[op] = place;
}

void layer_forget(struct layer *layer)
{
	struct place *place;
	unsigned i;

	for (i = 0; i < LAYER_BUCKETS; i++) {
		for (place = layer->places[i]; place != NULL;
		     place = place->next_place) {
			forget_child(place->parent,
				     LATENCY_FRAME_OP(place->frame_op));
			place->writer.span_ns = 0;
		}
	}
}

void layer_update(struct layer *layer)
{
	int ms = word_read(&layer->control->slow_set) ?
		(int)word_read(&layer->control->slow_ms) : layer->slow_ms;
	uint64_t before = layer->tell_ns;

	layer->slow_ns = ms > 0 ? (uint64_t)ms * 1000000u : UINT64_MAX;
	/* What the clock may be wrong about takes this way as well. */
	layer->tell_ns = op_mode & OP_MODE_PROBES ? 0 :
		layer->slow_ns < CLOCK_DOUBT_NS ? layer->slow_ns :
		CLOCK_DOUBT_NS;
	if (layer->tell_ns != before) {
		layer_forget(layer);
	}
}

static bool is_root(const struct place *place)
{
	return place->layer == NULL;
}

/* -------------------------------- places --------------------------------- */

/* What the module keeps for a slot. */
struct slot_places {
	struct place *root[LATENCY_ROOT_END];
	struct place *send[LATENCY_OPCODES];
	struct place overflow;
};

static struct slot_places *slot_places(struct slot_writer *slot)
{
	if (slot->private_data == NULL) {
		slot->private_data = arena_alloc(&slot->segment->arena,
						 sizeof(struct slot_places));
	}
	return slot->private_data;
}

static struct place *new_place(struct slot_writer *slot,
			       struct latency_node *node)
{
	struct place *place = arena_alloc(&slot->segment->arena,
					  sizeof(*place));

	if (place != NULL) {
		place->slot = slot;
		place->child = none_known;
		place->writer.node = node;
		place->line = node_line(slot->segment, node);
	}
	return place;
}

static __attribute__((noinline)) struct place *
new_root(struct slot_writer *slot, unsigned root)
{
	struct slot_places *places = slot_places(slot);

	if (places == NULL) {
		return NULL;
	}
	places->root[root] = new_place(
		slot, slot_node_below(slot, slot_node(slot, LATENCY_NODE_TOP),
				      LATENCY_FRAME(0, root)));
	return places->root[root];
}

struct place *place_of_root(struct slot_writer *slot, unsigned root)
{
	const struct slot_places *places = slot->private_data;

	if (places != NULL && places->root[root] != NULL) {
		return places->root[root];
	}
	return new_root(slot, root);
}

static __attribute__((noinline)) struct place *
new_send(struct slot_writer *slot, unsigned opcode)
{
	const struct place *root = place_of_root(slot, opcode);
	struct latency_node *node;

	if (root == NULL) {
		return NULL;
	}
	node = slot_node_below(slot, root->writer.node,
			       LATENCY_FRAME(0, LATENCY_ROOT_SEND));
	if (node->number == LATENCY_NODE_OVERFLOW) {
		return NULL;
	}
	slot_places(slot)->send[opcode] = new_place(slot, node);
	return slot_places(slot)->send[opcode];
}

struct place *place_of_send(struct slot_writer *slot, unsigned opcode)
{
	const struct slot_places *places = slot->private_data;

	if (likely(places != NULL && places->send[opcode] != NULL)) {
		return places->send[opcode];
	}
	return new_send(slot, opcode);
}

/* What finds no room in the tree: one place, since it is never nested. */
static struct place *overflow(struct layer *layer, struct latency_node *node)
{
	struct slot_places *places = slot_places(layer->slot);

	if (places == NULL) {
		return NULL;
	}
	places->overflow.layer = layer;
	places->overflow.slot = layer->slot;
	places->overflow.child = none_known;
	places->overflow.writer.node = node;
	places->overflow.line = node_line(layer->slot->segment, node);
	return &places->overflow;
}

/* The place of an op of this layer below parent; NULL: no memory. */
static struct place *place_below(struct layer *layer, struct place *parent,
				 unsigned frame_op)
{
	uintptr_t key = (uintptr_t)parent / sizeof(*parent) + frame_op;
	struct place **bucket = &layer->places[key % LAYER_BUCKETS];
	struct latency_node *node;
	struct place *place;

	for (place = *bucket; place != NULL; place = place->next_place) {
		if (place->parent == parent && place->frame_op == frame_op) {
			return place;
		}
	}
	if (parent->writer.node->number == LATENCY_NODE_OVERFLOW) {
		return overflow(layer, parent->writer.node);
	}
	node = slot_node_below(layer->slot, parent->writer.node,
			       LATENCY_FRAME(layer->number, 0) | frame_op);
	if (node->number == LATENCY_NODE_OVERFLOW) {
		return overflow(layer, node);
	}
	place = new_place(layer->slot, node);
	if (place != NULL) {
		place->layer = layer;
		place->parent = parent;
		place->frame_op = frame_op;
		place->next_place = *bucket;
		*bucket = place;
	}
	return place;
}

static struct op_timer op_timer_of(const struct place *place)
{
	return (struct op_timer) {
		.layer = place->layer,
		.node = place->writer.node,
	};
}

/* ------------------------------ begin, end ------------------------------- */

static void tell_begin(const struct place *place)
{
	int saved_errno = errno;
	TALLOC_CTX *frame = talloc_stackframe();
	const struct op_timer t = op_timer_of(place);

	op_probe_begin(&t, place->frame_op & LATENCY_FRAME_ASYNC,
		       op_path_string(place->path));
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

	*outer = op_current;
	if (op_current->slot == layer->slot) {
		return op_current;
	}
	root = request_timer_root(layer);
	if (root != NULL && is_root(op_current)) {
		take_inner(op_current);
		*outer = LATENCY_FRAME_OP(root->writer.node->frame) <
			LATENCY_OPCODES ? root : &op_nowhere;
	}
	return root;
}

/* Has the call been made from within a call in the same place? */
static bool is_under_way(const struct place *place)
{
	const struct place *above;

	for (above = op_current; !is_root(above); above = above->outer) {
		if (above == place) {
			return true;
		}
	}
	return false;
}

/*
 * The place of an op that is not known below parent; from now on it is, if the
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
	 * What overflows is timed by its outermost call, and so is what calls
	 * itself by way of another tree connect.
	 */
	if (unlikely(place->writer.node == parent->writer.node) ||
	    (unlikely(op_current->slot != layer->slot) &&
	     unlikely(is_under_way(place)))) {
		word_add(&place->writer.node->untimed, 1);
		return NULL;
	}
	place->timed = exempt ? NULL : handle;
	/* That would be asked to take a stamp of the TSC. */
	place->handle = op_mode & OP_MODE_NO_TSC ? NULL : place->timed;
	place->exempt = exempt ? handle : NULL;
	if (frame_op == op) {
		/* A handle is not known any longer than its tree connect. */
		if ((op_mode & ~OP_MODE_NO_TSC) == 0 && outer == parent &&
		    place->parent == parent && layer->conn != NULL) {
			know_child(parent, op, place);
		} else {
			/* The next call must set place->outer again. */
			forget_child(parent, op);
		}
	}
	if (exempt) {
		word_add(&place->writer.node->untimed, 1);
		return NULL;
	}
	place->outer = outer;
	return place;
}

/* Makes the place of an op the current one. NULL: it is not timed. */
static inline struct place *enter(struct vfs_handle_struct *handle,
			   unsigned frame_op, struct op_path path)
{
	struct layer *layer = handle->data;
	struct place *outer, *parent, *place;

	if (unlikely(layer == NULL)) {
		if (latency_segment != NULL && !op_timer_is_off()) {
			word_add(&latency_segment->header->unmeasured, 1);
		}
		return NULL;
	}
	if (op_mode & OP_MODE_UNTRACED) {
		op_timer_update();
	}
	if (op_timer_is_off()) {
		return NULL;
	}
	parent = parent_of(layer, &outer);
	if (unlikely(parent == NULL)) {
		word_add(&layer->slot->segment->header->unmeasured, 1);
		return NULL;
	}
	place = parent->child[LATENCY_FRAME_OP(frame_op)];
	if (place->timed != handle || outer != parent ||
	    (frame_op & LATENCY_FRAME_ASYNC)) {
		place = find_place(handle, frame_op, parent, outer);
		if (place == NULL) {
			return NULL;
		}
	}
	place->path = path;
	op_current = place;
	if (PROBE_IS_ON(vfs_latency, op_entry)) {
		tell_begin(place);
	}
	return place;
}

bool op_timer_begin(struct vfs_handle_struct *handle, struct next_layer next,
		    unsigned op, struct op_path path)
{
	struct place *place = enter(handle, op, path);

	if (place == NULL) {
		return false;
	}
	place->next = next;
	op_begun(place, clock_ticks());
	return true;
}

uint16_t op_timer_root(const struct op_timer *t)
{
	return slot_root_frame(t->layer->slot, t->node);
}

/*
 * An op has ended that took so long that it is looked at. start: of a pair in
 * ns, else in ticks.
 */
static void tell_end(const struct place *place, uint64_t start, uint64_t ns,
		     uint32_t error, uint64_t bytes, struct op_path path)
{
	const struct op_timer t = op_timer_of(place);
	bool slow = ns >= place->layer->slow_ns &&
		slow_op_is_new(place, start, ns, path);
	int saved_errno = errno;
	const char *string;
	TALLOC_CTX *frame;

	if (!slow && !PROBE_IS_ON(vfs_latency, op_return)) {
		return;
	}
	frame = talloc_stackframe();
	string = op_path_string(path);
	op_probe_end(&t, place->frame_op & LATENCY_FRAME_ASYNC, ns, error,
		     bytes, string, slow);
	if (slow) {
		slow_op_keep(&t, ns, error, string);
	}
	TALLOC_FREE(frame);
	errno = saved_errno;
}

uint64_t op_timer_span(void)
{
	return clock_scale(clock_ticks() - op_current->start);
}

void op_timer_finish(uint64_t ns, uint32_t error, uint64_t bytes)
{
	int saved_errno = errno;
	struct place *place = op_current;
	struct segment_writer *w = place->slot->segment;
	struct layer *layer = place->layer;

	if (unlikely(clock_in_doubt(ns))) {
		ns = clock_ticks_since(place->start);
	}
	if (op_timer_count(ns, error, bytes)) {
		/* Usual but for the clock. */
		return;
	}
	op_current = place->outer;
	node_record(w, place->writer.node, ns, bytes, error);
	node_writer_update(w, &place->writer, ns,
			   layer->tell_ns < LATENCY_LONG_NS ? layer->tell_ns :
			   LATENCY_LONG_NS);
	op_current->inner_ns += ns;
	if (ns >= LATENCY_LONG_NS && is_root(op_current)) {
		/* Now, since readers that have seen it have counted it. */
		loop_timer_flush();
	}
	op_return_to(op_current);
	if (ns >= layer->tell_ns) {
		tell_end(place, place->start, ns, error, bytes, place->path);
	}
	errno = saved_errno;
}

/* --------------------------- asynchronous ops ---------------------------- */

/* An async op under way; or idle, kept for the next one. */
struct async_op {
	struct async_op *next;		/* in its bucket, or idle */
	struct tevent_req *req;		/* by which recv finds it */
	struct async_tie *tie;
	struct place *place;
	uint64_t start_ns;
	struct op_path path;
	uint64_t request;		/* serial, see request_timer.h */
};

/*
 * What ties it to the tevent_req that the send function returned, as a talloc
 * child of that. If it is freed before the recv function is called (cancelled,
 * client gone), the op leaves no count.
 */
struct async_tie {
	struct async_op *op;
};

static struct async_op *idle_async_ops;

#define ASYNC_BUCKETS 64
static struct async_op *async_ops[ASYNC_BUCKETS];

static struct async_op **bucket(const struct tevent_req *req)
{
	/* talloc aligns to 16 bytes. */
	uintptr_t key = (uintptr_t)req >> 4;

	return &async_ops[(key ^ key >> 6) % ASYNC_BUCKETS];
}

static struct async_op *find(const struct tevent_req *req)
{
	struct async_op *a;

	for (a = *bucket(req); a != NULL && a->req != req; a = a->next) {
		;
	}
	return a;
}

static int async_tie_destructor(struct async_tie *tie)
{
	struct async_op *a = tie->op;
	struct async_op **link = bucket(a->req);

	while (*link != NULL && *link != a) {
		link = &(*link)->next;
	}
	if (*link != NULL) {
		*link = a->next;
	}
	if (turn.async_in_flight > 0) {
		turn.async_in_flight--;
	}
	a->next = idle_async_ops;
	idle_async_ops = a;
	return 0;
}

/* An async op of this place, tied to req; NULL: no memory. */
static struct async_op *new_async_op(const struct place *place,
				     struct tevent_req *req)
{
	struct async_tie *tie = talloc(req, struct async_tie);
	struct async_op *a = idle_async_ops;

	if (tie == NULL) {
		return NULL;
	}
	if (a != NULL) {
		idle_async_ops = a->next;
	} else {
		a = arena_alloc(&place->slot->segment->arena, sizeof(*a));
		if (a == NULL) {
			TALLOC_FREE(tie);
			return NULL;
		}
	}
	tie->op = a;
	a->tie = tie;
	talloc_set_destructor(tie, async_tie_destructor);
	return a;
}

uint64_t op_timer_begin_async(struct vfs_handle_struct *handle, unsigned op,
			      struct op_path path)
{
	return enter(handle, op | LATENCY_FRAME_ASYNC, path) != NULL ?
		clock_now() : 0;
}

void op_timer_sent(uint64_t start_ns, struct tevent_req *req,
		   struct op_path path)
{
	int saved_errno = errno;
	struct place *place = op_current;
	struct async_op *a;

	op_return_to(place->outer);
	if (is_root(op_current)) {
		/* Submitting is work of this thread, and nobody else's. */
		op_current->inner_ns += clock_span(start_ns, clock_now());
	}
	a = req == NULL ? NULL : new_async_op(place, req);
	if (a != NULL) {
		a->next = *bucket(req);
		a->req = req;
		a->place = place;
		a->start_ns = start_ns;
		a->path = path;
		a->request = request_timer_serial();
		*bucket(req) = a;
		turn.async_in_flight++;
	}
	errno = saved_errno;
}

void op_timer_resume(struct tevent_req *req)
{
	const struct async_op *a = turn.async_in_flight == 0 ? NULL : find(req);

	if (a != NULL) {
		request_timer_continue(a->request);
	}
}

void op_timer_received(struct tevent_req *req, uint32_t error, uint64_t bytes,
		       uint64_t service_ns)
{
	int saved_errno = errno;
	struct async_op *a = turn.async_in_flight == 0 ? NULL : find(req);
	struct latency_node *node;
	struct segment_writer *w;
	uint64_t ns;

	if (a == NULL) {
		return;
	}
	ns = clock_span(a->start_ns, clock_now());
	node = a->place->writer.node;
	w = a->place->slot->segment;
	node_record(w, node, ns, bytes, error);
	word_add(&node->async, 1);
	if (service_ns != 0) {
		word_add(&node->service_count, 1);
		word_add(&node->service_ns, service_ns);
		word_add(&node->service_wall_ns, ns);
	}
	if (ns >= a->place->layer->tell_ns) {
		tell_end(a->place, a->start_ns, ns, error, bytes, a->path);
	}
	TALLOC_FREE(a->tie);
	errno = saved_errno;
}

void op_timer_forget(void)
{
	memset(async_ops, 0, sizeof(async_ops));
	/* What is under way ends in memory that is nobody's. */
	op_mode = OP_MODE_UNTRACED;
}
