/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "frame_name.h"

const char *root_name(unsigned op)
{
	switch (op) {
#define OPCODE(value, name, tree) case value: return #name;
#include "latency_opcodes.h"
	case LATENCY_ROOT_ASYNC:
		return "async completion";
	case LATENCY_ROOT_TREE_CONNECT:
		return "tree connect";
	case LATENCY_ROOT_OTHER:
		return "other";
	case LATENCY_ROOT_SEND:
		return "(send)";
	case LATENCY_ROOT_PENDING:
		return "(pending)";
	case LATENCY_ROOT_LOGON_TREE:
		return "(tree connect)";
	case LATENCY_ROOT_LOGON_SESSION:
		return "(session set up)";
	case LATENCY_ROOT_LOGON_FIRST:
		return "(first tree connect)";
	case LATENCY_ROOT_OVERFLOW:
		return "(overflow)";
	default:
		return "?";
	}
}

const char *frame_name(const struct latency_header *h, uint16_t frame)
{
	if (LATENCY_FRAME_LAYER(frame) == 0) {
		return root_name(LATENCY_FRAME_OP(frame));
	}
	return h->op[LATENCY_FRAME_OP(frame)].name;
}
