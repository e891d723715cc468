/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "flight_reader.h"
#include "now_reader.h"
#include "sequence.h"
#include "time_ns.h"

#define TIME_TRIES 20		/* reads of the times until they match the op */

/* -------------------------- time, and the op now ------------------------- */

static bool is_outermost_op(const struct reading *r,
			    const struct latency_slot *slot,
			    const struct latency_node *node)
{
	const struct latency_node *parent;

	parent = image_node(r->image, slot, node->parent);
	return LATENCY_FRAME_LAYER(node->frame) != 0 &&
		LATENCY_FRAME_LAYER(parent->frame) == 0;
}

/*
 * The begin in ticks of the outermost op under way, the oldest one below a
 * root, and its node in *op; 0, NULL: none. A node that came after the slots
 * were copied is of a young op.
 */
static uint64_t outermost_begun(const struct reading *r,
				const struct latency_node **op)
{
	const struct latency_slot *slot;
	uint64_t oldest = 0;
	unsigned i;

	*op = NULL;
	for (slot = image_slot(r->image, NULL); slot != NULL;
	     slot = image_slot(r->image, slot)) {
		for (i = LATENCY_NODE_OVERFLOW + 1; i < slot->nodes; i++) {
			const struct latency_node *node, *shared;
			uint64_t begun;

			node = image_node(r->image, slot, i);
			if (!is_outermost_op(r, slot, node)) {
				continue;
			}
			shared = shared_of(r, node);
			begun = word_read(&shared->begun);
			if (begun != 0 && (oldest == 0 || begun < oldest)) {
				oldest = begun;
				*op = node;
			}
		}
	}
	return oldest;
}

static uint64_t ticks_ns(const struct latency_now *now, uint64_t ticks)
{
	__int128 ns = (__int128)(int64_t)(ticks - now->base_ticks) *
		(__int128)now->ns_per_tick / ((__int128)1 << 32) +
		(__int128)now->base_ns;

	return ns > 0 && ns <= INT64_MAX ? (uint64_t)ns : 0;
}

void time_read(struct reading *r)
{
	struct latency_header *h = (struct latency_header *)r->image->data;
	const struct latency_node *op, *again;
	uint64_t begun, begun_again;
	unsigned i;

	seq_read(shared_of(r, &h->now), &h->now, sizeof(h->now));
	begun = outermost_begun(r, &op);
	for (i = 0; i < TIME_TRIES; i++) {
		seq_read(shared_of(r, &h->time), &h->time, sizeof(h->time));
		/* tests/model/under_way.pml: the barriers of seq_read() do. */
		begun_again = outermost_begun(r, &again);
		if (op == again && begun == begun_again) {
			break;
		}
		op = again;
		begun = begun_again;
	}
	seq_read(shared_of(r, &h->work), &h->work, sizeof(h->work));
	r->image->op_begun_ns = begun != 0 && h->now.ns_per_tick != 0 &&
		h->kind == LATENCY_KIND_PROCESS && r->image->owned ?
		ticks_ns(&h->now, begun) : 0;
}

/* ---------------------------- what is under way -------------------------- */

/* Calls visit() for each node of the image. */
static void each_node(const struct reading *r,
		      void (*visit)(const struct reading *r,
				    struct latency_node *node))
{
	const struct latency_slot *slot;
	unsigned i;

	for (slot = image_slot(r->image, NULL); slot != NULL;
	     slot = image_slot(r->image, slot)) {
		for (i = 0; i < slot->nodes; i++) {
			/* It is in image->data, which is ours. */
			visit(r, (struct latency_node *)image_node(r->image,
								   slot, i));
		}
	}
}

static void take_begun(const struct reading *r, struct latency_node *node)
{
	const struct latency_node *shared = shared_of(r, node);

	node->begun = word_read(&shared->begun);
}

/* In ns if the same call is still under way, else 0. */
static void verify_begun(const struct reading *r, struct latency_node *node)
{
	const struct latency_node *shared = shared_of(r, node);
	const struct latency_now *now = &r->image->header->now;

	if (node->begun != 0) {
		node->begun = now->ns_per_tick != 0 &&
			word_read(&shared->begun) == node->begun ?
			ticks_ns(now, node->begun) : 0;
	}
}

static void make_ended(const struct reading *r, struct latency_node *node)
{
	(void)r;
	node->begun = 0;
}

static bool check_flights(const struct reading *r)
{
	const struct flight_list *list = &r->image->flights;
	unsigned i;

	for (i = 0; i < list->count; i++) {
		const struct latency_flight *flight = &list->flight[i];

		if (!frame_known(r, flight->frame) ||
		    (flight->slot != 0 && !slot_listed(r, flight->slot))) {
			return bad(r, "request or operation under way that "
				   "makes no sense", i);
		}
	}
	return true;
}

/*
 * Everything twice, the time in between: what is the same both times was under
 * way then.
 */
bool under_way_read(struct reading *r)
{
	struct segment_image *image = r->image;
	const char *wrong;

	if (!image->owned || image->header->kind != LATENCY_KIND_PROCESS) {
		each_node(r, make_ended);
		return true;
	}
	each_node(r, take_begun);
	wrong = flights_copy(&image->flights, image->header, r->shared,
			     image->size);
	if (wrong != NULL) {
		return bad(r, wrong, image->header->flights);
	}
	/*
	 * FIRST_BEFORE_AGAIN of tests/model/flight.pml, pairs with
	 * place_begin() and flight_is_current(): what came before something
	 * that was found the first time is found the second time.
	 */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	image->now_ns = clock_read_ns(CLOCK_MONOTONIC);
	flights_verify(&image->flights, image->header, r->shared);
	each_node(r, verify_begun);
	return check_flights(r);
}
