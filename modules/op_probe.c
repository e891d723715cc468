/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "op_probe.h"
#include "probe_string.h"

PROBE_SEMAPHORE(vfs_latency, op_entry);
PROBE_SEMAPHORE(vfs_latency, op_return);
PROBE_SEMAPHORE(vfs_latency, slow_op);

#define OP(ret, name, class, params, args, path, doc) OP_PROBES(name)
#define OP_BY_HAND(name, class, doc) OP_PROBES(name)
#define OP_PAIR(name, class, doc) OP_PROBES(name)
#define OP_PROBES(name) \
	PROBE_SEMAPHORE_OF(vfs_latency, name##_entry, op_entry); \
	PROBE_SEMAPHORE_OF(vfs_latency, name##_return, op_return);
#include "latency_ops.h"
#undef OP_PROBES

/* Adds what is known of the place. */
static void describe(const struct place *place, struct latency_op_event *e)
{
	const struct slot_writer *slot = place->slot;
	const struct latency_header *h = slot->segment->header;
	unsigned frame = place->writer.node->frame;
	unsigned root = LATENCY_FRAME_OP(place_root_frame(place));
	bool in_request = root < LATENCY_OPCODES;

	e->op = probe_string(h->op[LATENCY_FRAME_OP(frame)].name);
	e->layer = probe_string(h->layer[place->layer->number].name);
	e->share = probe_string(slot->slot->key.share);
	e->user = probe_string(slot->slot->key.user);
	e->client = probe_string(slot->slot->key.client);
	if (e->path == NULL) {
		e->path = "";
	}
	e->path_length = strlen(e->path);
	e->opcode = in_request ? (long long)root : -1;
	if (!in_request) {
		e->message_id = 0;
	}
	e->async = place_is_async(place);
}

/* The probes of the single ops: one place each, so that each has its name. */
static void fire_entry(unsigned op, const struct latency_op_event *e)
{
	switch (op) {
#define OP(ret, name, class, params, args, path, doc) OP_ENTRY(name)
#define OP_BY_HAND(name, class, doc) OP_ENTRY(name)
#define OP_PAIR(name, class, doc) OP_ENTRY(name)
#define OP_ENTRY(name)                                                    \
	case OP_##name:                                                   \
		PROBE_OP_ENTRY(name##_entry, e);                          \
		break;
#include "latency_ops.h"
#undef OP_ENTRY
	}
}

static void fire_return(unsigned op, const struct latency_op_event *e)
{
	switch (op) {
#define OP(ret, name, class, params, args, path, doc) OP_RETURN(name)
#define OP_BY_HAND(name, class, doc) OP_RETURN(name)
#define OP_PAIR(name, class, doc) OP_RETURN(name)
#define OP_RETURN(name)                                                   \
	case OP_##name:                                                   \
		PROBE_OP_RETURN(name##_return, e);                        \
		break;
#include "latency_ops.h"
#undef OP_RETURN
	}
}

void op_probe_begin(const struct place *place, struct latency_op_event *event)
{
	describe(place, event);
	PROBE_OP_ENTRY(op_entry, event);
	fire_entry(LATENCY_FRAME_OP(place->writer.node->frame), event);
}

void op_probe_end(const struct place *place, struct latency_op_event *event,
		  bool slow)
{
	describe(place, event);
	PROBE_OP_RETURN(op_return, event);
	fire_return(LATENCY_FRAME_OP(place->writer.node->frame), event);
	if (slow) {
		PROBE_OP_RETURN(slow_op, event);
	}
}
