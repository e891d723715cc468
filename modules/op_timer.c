/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"
#include "op_probe.h"
#include "loop_timer.h"
#include "op_timer.h"
#include "lib/util/util_str_escape.h"

struct latency_node op_nowhere;
struct latency_node *op_current = &op_nowhere;
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
		layer_update(layer);
	}
}

void layer_update(struct layer *layer)
{
	int ms = word_read(&layer->control->slow_set) ?
		(int)word_read(&layer->control->slow_ms) : layer->slow_ms;

	layer->slow_ns = ms > 0 ? (uint64_t)ms * 1000000u : UINT64_MAX;
	/* Whatever a histogram cannot hold takes this way as well. */
	layer->tell_ns = op_mode & (OP_MODE_PROBES | OP_MODE_NO_TSC) ? 0 :
		layer->slow_ns < HIST_MAX_NS ? layer->slow_ns : HIST_MAX_NS;
}

static bool is_root(const struct latency_node *node)
{
	return node->parent == LATENCY_NODE_TOP &&
		node->number != LATENCY_NODE_OVERFLOW;
}

void op_timer_forget_request(void)
{
	if (is_root(op_current)) {
		op_current = &op_nowhere;
	}
}

/* ------------------------------ begin, end ------------------------------- */

static void tell_begin(const struct op_timer *t, bool async,
		       struct op_path path)
{
	int saved_errno = errno;
	TALLOC_CTX *frame = talloc_stackframe();

	op_probe_begin(t, async, op_path_string(path));
	TALLOC_FREE(frame);
	errno = saved_errno;
}

/*
 * The node above an op of this layer, and in *outer what becomes current when
 * the op has ended: a request stays so until the end of the turn; other roots
 * are looked for each time, since the request may become known meanwhile.
 */
static struct latency_node *parent_of(struct layer *layer,
				      struct latency_node **outer)
{
	struct latency_node *root;

	*outer = op_current;
	if (op_current->slot == layer->slot->line) {
		return op_current;
	}
	root = request_timer_root(layer);
	if (is_root(op_current)) {
		*outer = LATENCY_FRAME_OP(root->frame) < LATENCY_OPCODES ?
			root : &op_nowhere;
	}
	return root;
}

bool op_timer_find(struct op_timer *t, struct vfs_handle_struct *handle,
		   unsigned op, unsigned frame_flags, struct op_path path)
{
	struct layer *layer = handle->data;
	struct latency_node *parent;

	if (layer == NULL) {
		return false;
	}
	if (op_mode & OP_MODE_UNTRACED) {
		op_timer_update();
	}
	if (op_mode & OP_MODE_OFF) {
		return false;
	}
	t->layer = layer;
	parent = parent_of(layer, &t->outer);
	if (frame_flags == 0 && layer->last[op].parent == parent) {
		t->node = layer->last[op].node;
	} else {
		t->node = slot_node_below(layer->slot, parent,
					  LATENCY_FRAME(layer->number, op) |
					  frame_flags);
	}
	if (layer->exempt[op / 64] >> (op % 64) & 1) {
		word_add(&t->node->untimed, 1);
		return false;
	}
	if (t->node->number == LATENCY_NODE_OVERFLOW) {
		if (parent == t->node) {
			/* What overflows is timed by its outermost call. */
			word_add(&t->node->untimed, 1);
			return false;
		}
	} else if (frame_flags == 0) {
		layer->last[op].parent = parent;
		layer->last[op].node = t->node;
	}
	op_current = t->node;
	if (PROBE_IS_ON(vfs_latency, op_entry)) {
		tell_begin(t, frame_flags != 0, path);
	}
	return true;
}

uint16_t op_timer_root(const struct op_timer *t)
{
	const struct latency_node *node = t->node;

	while (!is_root(node)) {
		node = slot_node(t->layer->slot, node->parent);
	}
	return node->frame;
}

/* ------------------------------- slow ops -------------------------------- */

#define LOG_NS 1000000000u	/* at most one line of log in so many ns */

/* One line in smbd's log, and how many have been left out since the last. */
static void log_slow(const struct op_timer *t, uint64_t ns, uint64_t now_ns,
		     const char *path)
{
	static uint64_t next_ns;
	static unsigned left_out;
	const struct latency_header *h = latency_segment->header;

	if (now_ns < next_ns) {
		left_out++;
		return;
	}
	next_ns = now_ns + LOG_NS;
	DBG_ERR("vfs_latency: slow %s: %llu.%03llu ms in layer %s, share %s, "
		"path %s (%u more since the last such line)\n",
		h->op[LATENCY_FRAME_OP(t->node->frame)].name, (unsigned long long)(ns / 1000000),
		(unsigned long long)(ns / 1000 % 1000),
		h->layer[t->layer->number].name, t->layer->slot->slot->share,
		path != NULL ? log_escape(talloc_tos(), path) : "-", left_out);
	left_out = 0;
}

/* Puts it in the ring. path may be NULL. */
static void remember_slow(const struct op_timer *t, uint64_t ns,
			  uint32_t error, const char *path)
{
	struct slot_writer *slot = t->layer->slot;
	struct latency_slow_ring *ring;
	struct latency_slow *entry;

	if (latency_segment == NULL || slot->segment != latency_segment) {
		return;
	}
	ring = segment_slow_ring(latency_segment);
	if (ring == NULL) {
		return;
	}
	entry = &ring->entry[ring->written % LATENCY_SLOW_ENTRIES];
	seq_write_begin(&entry->seq);
	entry->number = ring->written + 1;
	entry->frame = t->node->frame;
	entry->root = op_timer_root(t);
	entry->realtime_ns = clock_ns(CLOCK_REALTIME);
	entry->duration_ns = ns;
	entry->message_id = request_timer_message_id();
	entry->error = error;
	entry->slot = slot->line;
	name_copy(entry->path, sizeof(entry->path), path != NULL ? path : "");
	seq_write_end(&entry->seq);
	word_publish(&ring->written, entry->number);

	log_slow(t, ns, clock_now(), path);
}

static void tell_end(const struct op_timer *t, bool async, uint64_t ns,
		     uint32_t error, uint64_t bytes, struct op_path path)
{
	int saved_errno = errno;
	TALLOC_CTX *frame = talloc_stackframe();
	const char *string = op_path_string(path);
	bool slow = ns >= t->layer->slow_ns;

	op_probe_end(t, async, ns, error, bytes, string, slow);
	if (slow) {
		remember_slow(t, ns, error, string);
	}
	TALLOC_FREE(frame);
	errno = saved_errno;
}

void op_timer_finish(struct op_timer *t, uint64_t end, uint32_t error,
		     uint64_t bytes, struct op_path path)
{
	int saved_errno = errno;
	uint64_t ns;

	if (!latency_clock.tsc) {
		end = clock_ticks();
	}
	ns = clock_ticks_to_ns(t->start, end);
	op_current = t->outer;
	node_record(t->layer->slot->segment, t->node, ns, bytes, error);
	if (is_root(t->outer)) {
		turn.vfs_ns += ns;
	}
	if (ns >= t->layer->tell_ns) {
		tell_end(t, false, ns, error, bytes, path);
	}
	errno = saved_errno;
}

/* --------------------------- asynchronous ops ---------------------------- */

/*
 * An async op under way: a talloc child of the tevent_req that the send
 * function returned. If that is freed before the recv function is called
 * (cancelled, client gone), the op leaves no count.
 */
struct async_op {
	struct async_op *next;		/* in its bucket */
	struct tevent_req *req;		/* by which recv finds it */
	struct op_timer timer;
	struct op_path path;
	uint64_t request;		/* serial, see request_timer.h */
};

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

static int async_op_destructor(struct async_op *a)
{
	struct async_op **link = bucket(a->req);

	while (*link != a) {
		link = &(*link)->next;
	}
	*link = a->next;
	if (turn.async_in_flight > 0) {
		turn.async_in_flight--;
	}
	return 0;
}

bool op_timer_begin_async(struct op_timer *t, struct vfs_handle_struct *handle,
			  unsigned op, struct op_path path)
{
	if (!op_timer_find(t, handle, op, LATENCY_FRAME_ASYNC, path)) {
		return false;
	}
	t->start = clock_now();
	return true;
}

void op_timer_sent(struct op_timer *t, struct tevent_req *req,
		   struct op_path path)
{
	int saved_errno = errno;
	struct async_op *a;

	op_current = t->outer;
	if (is_root(t->outer)) {
		/* Submitting is work of this thread, and nobody else's. */
		turn.vfs_ns += clock_span(t->start, clock_now());
	}
	a = req == NULL ? NULL : talloc(req, struct async_op);
	if (a != NULL) {
		*a = (struct async_op) {
			.next = *bucket(req),
			.req = req,
			.timer = *t,
			.path = path,
			.request = request_timer_serial(),
		};
		*bucket(req) = a;
		talloc_set_destructor(a, async_op_destructor);
		turn.async_in_flight++;
	}
	errno = saved_errno;
}

void op_timer_resume(struct tevent_req *req)
{
	const struct async_op *a = find(req);

	if (a != NULL) {
		request_timer_continue(a->request);
	}
}

void op_timer_received(struct tevent_req *req, uint32_t error, uint64_t bytes,
		       uint64_t service_ns)
{
	int saved_errno = errno;
	struct async_op *a = find(req);
	struct latency_node *node;
	struct segment_writer *w;
	uint64_t ns;

	if (a == NULL) {
		return;
	}
	ns = clock_span(a->timer.start, clock_now());
	node = a->timer.node;
	w = a->timer.layer->slot->segment;
	node_record(w, node, ns, bytes, error);
	word_add(&node->async, 1);
	if (service_ns != 0) {
		word_add(&node->service_count, 1);
		word_add(&node->service_ns, service_ns);
		word_add(&node->service_wall_ns, ns);
	}
	if (ns >= a->timer.layer->tell_ns) {
		tell_end(&a->timer, true, ns, error, bytes, a->path);
	}
	TALLOC_FREE(a);
	errno = saved_errno;
}

void op_timer_forget(void)
{
	memset(async_ops, 0, sizeof(async_ops));
	/* What is under way ends in memory that is nobody's. */
	op_mode = OP_MODE_UNTRACED;
}
