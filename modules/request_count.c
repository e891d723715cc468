/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "request_count.h"
#include "connections.h"
#include "latency_clock.h"
#include "logon.h"
#include "name.h"
#include "process.h"
#include "request_file.h"
#include "request_probe.h"
#include "slow_writer.h"
#include "trace_writer.h"

/* Counts a part of the time of a request, of which root knows the place. */
static void count_part(const struct request *r, enum latency_root part,
		       struct place **known, uint64_t ns)
{
	struct place *place = *known;

	if (unlikely(place == NULL)) {
		place = request_is_counted(r) ?
			place_of_part(r->slot, r->root, part, known) : NULL;
		if (place == NULL) {
			return;
		}
	}
	if (likely(node_is_usual(&place->writer, ns, 0))) {
		node_count(&place->writer, ns, 0);
		return;
	}
	node_record(r->slot->segment, place->writer.node, ns, 0, 0);
	node_writer_update(r->slot->segment, &place->writer, ns, HIST_MAX_NS);
}

/* The bytes that it has read or written. */
static uint32_t moved(const struct request *r, uint32_t status)
{
	return NT_STATUS_IS_ERR(NT_STATUS(status)) ? 0 : r->bytes;
}

static void trace(const struct request *r, uint32_t status, uint64_t ns)
{
	struct latency_event e = {
		.begun_ns = r->start_ns,
		.duration_ns = ns,
		.message_id = r->message_id,
		.pending_ns = r->pended ? r->pended_ns : 0,
		.bytes = moved(r, status),
		.error = op_error_ntstatus(NT_STATUS(status)),
		.slot = r->slot->line,
		.frame = r->opcode,
		.root = r->opcode,
		.request = r->flight != NULL ? r->flight->number : 0,
		.kind = LATENCY_EVENT_REQUEST,
	};

	trace_request(r->slot->segment->trace, &e, request_path(r));
}

/*
 * Keeps it if it is slow beside the slow ops in it that are kept. A NOTIFY that
 * waits for a change is not slow.
 */
static void keep_slow(const struct request *r, uint32_t status, uint64_t ns,
		      uint64_t slow_ns)
{
	uint64_t pending_ns = r->pended ? r->pended_ns : 0;
	uint64_t but_ns = r->slow_within_ns +
		(r->opcode == SMB2_OP_NOTIFY ? pending_ns : 0);
	struct latency_slow *entry;

	if (ns < but_ns || ns - but_ns < slow_ns ||
	    r->slot->segment != latency_segment) {
		return;
	}
	entry = slow_begin(latency_segment);
	if (entry == NULL) {
		return;
	}
	entry->frame = entry->root = r->opcode;
	entry->realtime_ns = clock_ns(CLOCK_REALTIME);
	entry->duration_ns = ns;
	entry->message_id = r->message_id;
	entry->error = op_error_ntstatus(NT_STATUS(status));
	entry->slot = r->slot->line;
	entry->inside.pending_ns = pending_ns;
	entry->inside.vfs_ns = r->turn == turn.serial ? place_inner_ns() : 0;
	path_copy(entry->path, sizeof(entry->path), request_path(r));
	slow_end(latency_segment, entry);
}

static void count_file(const struct request *r, uint32_t status, uint64_t ns)
{
	/* A NOTIFY that waits for a change is nothing that a file takes. */
	if (unlikely(r->opcode == SMB2_OP_NOTIFY) && r->pended) {
		ns = clock_span(r->pended_ns, ns);
	}
	request_file_count(r->slot, &(struct request_end){
		.flight = r->flight,
		.opcode = r->opcode,
		.status = status,
		.bytes = r->bytes,
		.ns = ns,
	});
}

static void count_tree(const struct request *r, uint32_t status, uint64_t ns,
		       uint64_t now_ns)
{
	logon_count(&(struct logon_tree){
		.slot = r->tree,
		.smb2req = r->smb2req,
		.message_id = r->message_id,
		.ns = ns,
		.ended_ns = now_ns + clock_realtime_offset(),
		.error = op_error_ntstatus(NT_STATUS(status)),
	});
}

/* The long way of request_count(), good for all that it may be. */
static __attribute__((noinline)) void
count_unusual(struct request *r, uint32_t status, uint64_t now_ns)
{
	uint64_t ns = clock_span(r->start_ns, now_ns);
	uint64_t slow_ns;

	if (r->tree != NULL && !op_mode_is_off()) {
		count_tree(r, status, ns, now_ns);
	}
	if (r->root == NULL) {
		request_find_slot(r);
	}
	if (r->root == NULL || op_mode_is_off()) {
		return;
	}
	if (r->pended) {
		request_goes_on(r);
		count_part(r, LATENCY_ROOT_PENDING, &r->root->pending,
			   r->pended_ns);
	}
	node_record(r->slot->segment, r->root->writer.node, ns,
		    moved(r, status),
		    op_error_ntstatus(NT_STATUS(status)));
	slow_ns = slot_slow_ns(r->slot);
	node_writer_update(r->slot->segment, &r->root->writer, ns,
			   slow_ns < HIST_MAX_NS ? slow_ns : HIST_MAX_NS);
	if (ns >= slow_ns) {
		keep_slow(r, status, ns, slow_ns);
	}
	if (op_mode & OP_MODE_TRACE) {
		trace(r, status, ns);
	}
	count_file(r, status, ns);
	connections_count(r->smb2req);
	if (PROBE_IS_ON(smb2, request_end) && request_is_counted(r)) {
		request_probe_end(r->slot, &(struct latency_request_event){
			.message_id = r->message_id,
			.opcode = r->opcode,
			.start_ns = r->start_ns,
			.duration_ns = ns,
			.status = status,
			.path = request_path(r),
			.bytes = moved(r, status),
		});
	}
}

/* No duration is a usual one if the clock went back. */
void request_count(struct request *r, uint32_t status, uint64_t now_ns)
{
	uint64_t ns = now_ns - r->start_ns;
	uint32_t error = op_error_ntstatus(NT_STATUS(status));
	uint64_t bytes = moved(r, status);

	if (r->root == NULL ||
	    (op_mode & (OP_MODE_OFF | OP_MODE_TRACE)) != 0 || r->pended ||
	    (error != 0 && error != r->root->writer.node->error_code) ||
	    PROBE_IS_ON(smb2, request_end) ||
	    !node_is_usual(&r->root->writer, ns, bytes)) {
		count_unusual(r, status, now_ns);
	} else {
		node_count_result(&r->root->writer, ns, bytes, error != 0);
		count_file(r, status, ns);
		connections_count(r->smb2req);
	}
}

void request_count_sending(const struct request *r, uint64_t ns)
{
	if (r->root != NULL && !op_mode_is_off()) {
		count_part(r, LATENCY_ROOT_SEND, &r->root->send, ns);
	}
}
