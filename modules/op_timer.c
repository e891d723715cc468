/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"
#include "op_probe.h"
#include "op_timer.h"
#include "lib/util/util_str_escape.h"

struct op_current op_current;

uint16_t op_timer_root(const struct op_timer *t)
{
	struct slot_writer *slot = t->layer->slot;
	const struct latency_node *node = slot_node(slot, t->node);

	while (node->parent != LATENCY_NODE_TOP) {
		node = slot_node(slot, node->parent);
	}
	return node->frame;
}

void op_timer_count(struct layer *layer, unsigned op)
{
	struct latency_row *row = slot_row(layer->slot, layer->number, op);

	if (row != NULL) {
		word_add(&row->untimed, 1);
	}
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
		h->op[t->op].name, (unsigned long long)(ns / 1000000),
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
	entry->frame = LATENCY_FRAME(t->layer->number, t->op);
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

void op_timer_tell_end(const struct op_timer *t, uint64_t ns, uint32_t error,
		       uint64_t bytes, struct op_path path)
{
	tell_end(t, false, ns, error, bytes, path);
}

void op_timer_tell_begin(const struct op_timer *t, bool async,
			 struct op_path path)
{
	int saved_errno = errno;
	TALLOC_CTX *frame = talloc_stackframe();

	op_probe_begin(t, async, op_path_string(path));
	TALLOC_FREE(frame);
	errno = saved_errno;
}

void layer_update(struct layer *layer)
{
	int ms = word_read(&layer->control->slow_set) ?
		(int)word_read(&layer->control->slow_ms) : layer->slow_ms;

	layer->slow_ns = ms > 0 ? (uint64_t)ms * 1000000u : UINT64_MAX;
}

void op_timer_error(struct layer *layer, struct latency_row *row,
		    uint32_t error)
{
	row_error(layer->slot, row, error, 1);
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
	struct slot_writer *slot;
	struct layer *layer;
	struct op_path path;
	uint64_t start_ns;
	uint64_t request;		/* serial, see request_timer.h */
	uint16_t op;
	uint16_t node;
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
	if (!op_timer_enter(t, handle, op, LATENCY_FRAME_ASYNC)) {
		return false;
	}
	if (PROBE_IS_ON(vfs_latency, op_entry)) {
		op_timer_tell_begin(t, true, path);
	}
	t->start_ns = clock_now();
	return true;
}

void op_timer_sent(struct op_timer *t, struct tevent_req *req,
		   struct op_path path)
{
	int saved_errno = errno;
	struct async_op *a;

	op_timer_leave(t);
	if (t->outer_slot == NULL) {
		/* Submitting is work of this thread, and nobody else's. */
		turn.vfs_ns += clock_span(t->start_ns, clock_now());
	}
	a = req == NULL ? NULL : talloc(req, struct async_op);
	if (a != NULL) {
		*a = (struct async_op) {
			.next = *bucket(req),
			.req = req,
			.slot = t->layer->slot,
			.layer = t->layer,
			.path = path,
			.start_ns = t->start_ns,
			.request = request_timer_serial(),
			.op = t->op,
			.node = t->node,
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
	struct latency_row *row;
	uint64_t ns;

	if (a == NULL) {
		return;
	}
	ns = clock_span(a->start_ns, clock_now());
	row = slot_row(a->slot, a->layer->number, a->op);
	if (row != NULL && row_record(a->slot, row, ns, bytes)) {
		word_add(&row->async, 1);
		if (service_ns != 0) {
			word_add(&row->service_count, 1);
			word_add(&row->service_ns, service_ns);
			word_add(&row->service_wall_ns, ns);
		}
		if (error != 0) {
			row_error(a->slot, row, error, 1);
		}
	}
	node_record(slot_node(a->slot, a->node), ns);
	if (ns >= a->layer->slow_ns || PROBE_IS_ON(vfs_latency, op_return)) {
		const struct op_timer t = {
			.layer = a->layer, .op = a->op, .node = a->node,
		};

		tell_end(&t, true, ns, error, bytes, a->path);
	}
	TALLOC_FREE(a);
	errno = saved_errno;
}

void op_timer_forget(void)
{
	memset(async_ops, 0, sizeof(async_ops));
	op_current.slot = NULL;
}
