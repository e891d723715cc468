/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "async_op.h"
#include "flight_writer.h"
#include "latency_clock.h"
#include "op_timer.h"
#include "request_timer.h"
#include "turn.h"

/* An async op under way; or idle, kept for the next one. */
struct async_op {
	struct async_op *next;		/* in its bucket, or idle */
	struct tevent_req *req;		/* by which recv finds it */
	struct async_tie *tie;
	struct place *place;
	uint64_t start_ns;
	struct op_path path;
	uint64_t request;		/* serial, see request_timer.h */
	struct latency_flight *flight;	/* NULL: no room */
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

	flight_end(a->place->slot->segment, a->flight);
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

uint64_t async_op_begin(struct vfs_handle_struct *handle, unsigned op,
			      struct op_path path)
{
	return op_timer_enter(handle, op | LATENCY_FRAME_ASYNC, path) != NULL ?
		clock_now() : 0;
}

/* Lists it. Its path is that of its request, if that is listed. */
static struct latency_flight *list(const struct async_op *a)
{
	const struct slot_writer *slot = a->place->slot;
	struct latency_flight *flight = flight_begin(slot->segment);
	uint16_t request = request_timer_flight();

	if (flight == NULL) {
		return NULL;
	}
	flight_set(flight, a->place->writer.node->frame,
		   request_timer_message_id(), slot->line, request,
		   a->start_ns);
	if (request == 0) {
		seq_write_begin(&flight->seq);
		op_path_copy(flight->path, sizeof(flight->path), a->path);
		seq_write_end(&flight->seq);
	}
	return flight;
}

void async_op_sent(uint64_t start_ns, struct tevent_req *req,
		   struct op_path path)
{
	int saved_errno = errno;
	struct place *place = place_current;
	struct async_op *a;

	place_current = place->outer;
	if (place_is_root(place_current)) {
		/* Submitting is work of this thread, and nobody else's. */
		place_current->inner_ns += clock_span(start_ns, clock_now());
	}
	a = req == NULL ? NULL : new_async_op(place, req);
	if (a != NULL) {
		a->next = *bucket(req);
		a->req = req;
		a->place = place;
		a->start_ns = start_ns;
		a->path = path;
		a->request = request_timer_serial();
		a->flight = list(a);
		*bucket(req) = a;
		turn.async_in_flight++;
	}
	errno = saved_errno;
}

void async_op_resume(struct tevent_req *req)
{
	const struct async_op *a = turn.async_in_flight == 0 ? NULL : find(req);

	if (a != NULL) {
		request_timer_continue(a->request);
	}
}

void async_op_received(struct tevent_req *req, uint32_t error, uint64_t bytes,
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
	if (ns >= a->place->layer->notable_ns) {
		op_timer_report(a->place, a->start_ns, ns, error, bytes,
				a->path);
	}
	TALLOC_FREE(a->tie);
	errno = saved_errno;
}

void async_op_forget(void)
{
	memset(async_ops, 0, sizeof(async_ops));
}
