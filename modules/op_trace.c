/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "op_trace.h"

#define DEPTH_MAX UINT8_MAX

void op_trace(const struct place *place, struct latency_event *event)
{
	struct latency_trace *trace = place->slot->segment->trace;
	const struct place *root;
	unsigned depth = 1;

	if (trace == NULL) {
		return;
	}
	for (root = place->parent; root != NULL && !place_is_root(root);
	     root = root->parent) {
		depth++;
	}
	event->kind = LATENCY_EVENT_OP;
	event->frame = place->writer.node->frame;
	/* What found no room in the tree has no root. */
	event->root = root != NULL ? root->writer.node->frame :
		LATENCY_FRAME(0, LATENCY_ROOT_OVERFLOW);
	event->slot = place->slot->line;
	event->depth = (uint8_t)(depth < DEPTH_MAX ? depth : DEPTH_MAX);
	if (LATENCY_FRAME_OP(event->root) >= LATENCY_OPCODES) {
		event->message_id = 0;
		event->request = 0;
	}
	trace_op(trace, event);
}
