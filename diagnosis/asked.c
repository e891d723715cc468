/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "answer.h"
#include "asked.h"
#include "context_tree.h"
#include "frame_name.h"
#include "subtract.h"
#include "whole.h"

/* NTSTATUS, MS-ERREF 2.3.1: there is nothing of this name. */
static bool is_missing(uint32_t status)
{
	return status == 0xc000000f ||	/* NO_SUCH_FILE */
		status == 0xc0000034 ||	/* OBJECT_NAME_NOT_FOUND */
		status == 0xc000003a;	/* OBJECT_PATH_NOT_FOUND */
}

bool asked_is_refusal(const char *request, uint32_t status)
{
	/* Of severity "error", MS-ERREF 2.3: warnings are no failures. */
	return status >> 30 == 3 && !is_missing(status) &&
		!is_answer(request, status);
}

static void add_errors(struct asked *a, unsigned opcode,
		       const struct segment_image *image,
		       const struct latency_node *node)
{
	struct row_sum sum;
	uint32_t i;

	if (node->error_code == 0 && node->error_unknown == 0) {
		return;
	}
	row_sum_init(&sum);
	image_node_errors(image, node, &sum);
	for (i = 0; i < sum.error_count; i++) {
		uint32_t code = sum.error[i].code;

		if (is_missing(code)) {
			a->missing[opcode] += sum.error[i].count;
		} else if (asked_is_refusal(root_name(opcode), code)) {
			a->refused[opcode] += sum.error[i].count;
		}
	}
}

/* An op that makes, removes or sets something, wherever it is called. */
static bool is_change(const char *op)
{
	static const char *const changes[] = {
		"mkdirat", "unlinkat", "renameat", "linkat", "symlinkat",
		"ftruncate", "fallocate", "fntimes", "fchmod", "fchown",
		"fsetxattr", "fremovexattr", "fset_dos_attributes",
		"fset_nt_acl", "sys_acl_set_fd",
	};
	unsigned i;

	for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
		if (strcmp(op, changes[i]) == 0) {
			return true;
		}
	}
	return false;
}

/* The opcode of the request below which a node is, LATENCY_OPCODES: of none. */
static unsigned opcode_above(const struct segment_image *image,
			     const struct latency_slot *slot,
			     const struct latency_node *node)
{
	while (node->parent != LATENCY_NODE_TOP) {
		node = image_node(image, slot, node->parent);
	}
	return LATENCY_FRAME_LAYER(node->frame) == 0 &&
		LATENCY_FRAME_OP(node->frame) < LATENCY_OPCODES ?
		LATENCY_FRAME_OP(node->frame) : LATENCY_OPCODES;
}

static void add_op(struct asked *a, const struct segment_image *image,
		   const struct latency_slot *slot,
		   const struct latency_node *node,
		   const struct latency_node *parent)
{
	unsigned opcode;

	if (LATENCY_FRAME_LAYER(parent->frame) == 0) {
		a->bytes += node->bytes;
	}
	if (!is_change(frame_name(image->header, node->frame)) ||
	    context_is_handed_on(node, parent)) {
		return;
	}
	opcode = opcode_above(image, slot, node);
	if (opcode == SMB2_OP_CREATE || opcode == SMB2_OP_CLOSE) {
		a->changes += node->count + node->untimed;
	}
}

void asked_add(struct asked *a, const struct segment_image *image,
	       const struct latency_slot *slot)
{
	uint32_t i;

	for (i = LATENCY_NODE_OVERFLOW + 1; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);
		const struct latency_node *parent = image_node(image, slot,
							       node->parent);
		unsigned op = LATENCY_FRAME_OP(node->frame);

		if (LATENCY_FRAME_LAYER(node->frame) != 0) {
			add_op(a, image, slot, node, parent);
		} else if (node->parent == LATENCY_NODE_TOP &&
			   op < LATENCY_OPCODES) {
			a->count[op] += node->count + node->untimed;
			a->total_ns[op] += node->total_ns;
			add_errors(a, op, image, node);
		} else if (op == LATENCY_ROOT_PENDING &&
			   parent->parent == LATENCY_NODE_TOP &&
			   LATENCY_FRAME_OP(parent->frame) < LATENCY_OPCODES) {
			/* Its request has been added: it is made before. */
			subtract_from(&a->total_ns[LATENCY_FRAME_OP(
				parent->frame)], node->total_ns);
		}
	}
}

void asked_subtract(struct asked *a, const struct asked *earlier)
{
	unsigned i;

	for (i = 0; i < LATENCY_OPCODES; i++) {
		subtract_from(&a->count[i], earlier->count[i]);
		subtract_from(&a->total_ns[i], earlier->total_ns[i]);
		subtract_from(&a->missing[i], earlier->missing[i]);
		subtract_from(&a->refused[i], earlier->refused[i]);
	}
	subtract_from(&a->bytes, earlier->bytes);
	subtract_from(&a->changes, earlier->changes);
}

uint64_t asked_requests(const struct asked *a)
{
	uint64_t requests = 0;
	unsigned i;

	for (i = 0; i < LATENCY_OPCODES; i++) {
		requests += a->count[i];
	}
	return requests;
}

/* ------------------------------ to be spared ----------------------------- */

static void spare(struct spared *s, const struct asked *a, unsigned opcode,
		  uint64_t requests)
{
	if (a->count[opcode] != 0) {
		s->requests += requests;
		s->total_ns += whole((double)a->total_ns[opcode] *
				     (double)requests /
				     (double)a->count[opcode]);
	}
}

static uint64_t successful(const struct asked *a, unsigned opcode)
{
	uint64_t failed = a->missing[opcode] + a->refused[opcode];

	return a->count[opcode] > failed ? a->count[opcode] - failed : 0;
}

/* Opens that nothing was done with, but perhaps to ask: at least so many. */
static uint64_t unused_opens(const struct asked *a)
{
	static const unsigned used[] = {
		SMB2_OP_FLUSH, SMB2_OP_READ, SMB2_OP_WRITE, SMB2_OP_LOCK,
		SMB2_OP_IOCTL, SMB2_OP_QUERY_DIRECTORY, SMB2_OP_NOTIFY,
		SMB2_OP_SETINFO,
	};
	uint64_t opens = successful(a, SMB2_OP_CREATE), uses = a->changes;
	unsigned i;

	for (i = 0; i < sizeof(used) / sizeof(used[0]); i++) {
		uses += a->count[used[i]];
	}
	return opens > uses ? opens - uses : 0;
}

/* Of these, the ones that asked, and were closed. */
static uint64_t questions(const struct asked *a)
{
	uint64_t asks = successful(a, SMB2_OP_GETINFO);
	uint64_t opens = unused_opens(a);

	opens = opens < asks ? opens : asks;
	return opens < a->count[SMB2_OP_CLOSE] ? opens :
		a->count[SMB2_OP_CLOSE];
}

uint64_t asked_doubtful(const struct asked *a)
{
	uint64_t requests = 3 * unused_opens(a);
	unsigned i;

	for (i = 0; i < LATENCY_OPCODES; i++) {
		requests += a->missing[i];
	}
	return requests;
}

/* Of requests so small that the data takes no time: as many as large ones. */
static void spare_small(struct spared *s, const struct asked *a)
{
	uint64_t reads = successful(a, SMB2_OP_READ);
	uint64_t writes = successful(a, SMB2_OP_WRITE);
	uint64_t needed = a->bytes / ASKED_LARGE + 1;
	uint64_t opens = successful(a, SMB2_OP_CREATE);
	double part;

	needed = needed > opens ? needed : opens;
	if (a->bytes != 0 && reads + writes > needed) {
		part = 1 - (double)needed / (double)(reads + writes);
		spare(s, a, SMB2_OP_READ, whole((double)reads * part));
		spare(s, a, SMB2_OP_WRITE, whole((double)writes * part));
	}
}

void asked_spare(const struct asked *a, struct spared spared[SPARES])
{
	uint64_t asks = questions(a);
	unsigned i;

	memset(spared, 0, SPARES * sizeof(*spared));
	for (i = 0; i < LATENCY_OPCODES; i++) {
		spare(&spared[SPARE_MISSING], a, i, a->missing[i]);
		spare(&spared[SPARE_REFUSED], a, i, a->refused[i]);
	}
	spare(&spared[SPARE_QUESTION], a, SMB2_OP_CREATE, asks);
	spare(&spared[SPARE_QUESTION], a, SMB2_OP_GETINFO, asks);
	spare(&spared[SPARE_QUESTION], a, SMB2_OP_CLOSE, asks);
	spare_small(&spared[SPARE_SMALL], a);
}
