/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "request.h"
#include "connections.h"
#include "invariant.h"
#include "latency_clock.h"
#include "logon.h"
#include "name.h"
#include "process.h"
#include "request_file.h"
#include "request_probe.h"
#include "slow_writer.h"
#include "trace_writer.h"
#include "tree.h"

/* The status of a request that got no reply, for a reason that is unknown. */
#define STATUS_UNKNOWN UINT32_MAX

/*
 * By address of smbd's object: the newest by itself, since as a rule the others
 * have ended when another comes; those that are pending in the table.
 */
static struct request *newest;
static struct hash by_address = HASH(by_address);

static struct hash by_serial = HASH(by_serial);
static unsigned family;

/* Opcodes that work on a tree connect, as bits. */
static const uint32_t tree_opcodes = 0
#define TREE(value) | 1u << (value)
#define NO_TREE(value)
#define OPCODE(value, name, tree) tree(value)
#include "latency_opcodes.h"
#undef TREE
#undef NO_TREE
	;

#define ITEM_REQUEST(item, member) \
	((struct request *)(void *)((char *)item - \
				    offsetof(struct request, member)))

struct request *request_find(const struct smbd_smb2_request *smb2req)
{
	struct hash_item *item;

	if (likely(newest != NULL && newest->smb2req == smb2req)) {
		return newest;
	}
	item = hash_find(&by_address, (uintptr_t)smb2req);
	return item == NULL ? NULL : ITEM_REQUEST(item, by_address);
}

uint64_t request_serial(struct request *r)
{
	static uint64_t serials;

	if (r->serial == 0) {
		r->serial = ++serials;
		hash_add(&by_serial, &r->by_serial, r->serial);
	}
	return r->serial;
}

struct request *request_of_serial(uint64_t serial)
{
	struct hash_item *item = hash_find(&by_serial, serial);

	return item == NULL ? NULL : ITEM_REQUEST(item, by_serial);
}

/* The n-th element's header in a vector of smbd's, or NULL. */
static const uint8_t *header(const struct iovec *vector, int count, int idx)
{
	if (idx < 1 || idx + SMBD_SMB2_HDR_IOV_OFS >= count) {
		return NULL;
	}
	return vector[idx + SMBD_SMB2_HDR_IOV_OFS].iov_base;
}

/* The header of the element that smbd works on, as the client sent it. */
static const uint8_t *in_header(const struct smbd_smb2_request *smb2req)
{
	return header(smb2req->in.vector, smb2req->in.vector_count,
		      smb2req->current_idx);
}

/* ------------------------------- elements -------------------------------- */

/*
 * The element that smbd works on begins at start_ns; its header, as the client
 * sent it, is hdr.
 */
static inline void element_begins(struct request *r, const uint8_t *hdr,
				  uint64_t start_ns)
{
	r->idx = r->smb2req->current_idx;
	r->opcode = SVAL(hdr, SMB2_HDR_OPCODE);
	r->message_id = BVAL(hdr, SMB2_HDR_MESSAGE_ID);
	r->session_id = BVAL(hdr, SMB2_HDR_SESSION_ID);
	r->tid = IVAL(hdr, SMB2_HDR_TID);
	r->root = NULL;
	r->tree = NULL;
	r->start_ns = start_ns;
	r->has_path = r->opcode == SMB2_OP_CREATE;
	r->bytes = 0;
	r->looked_for_path = false;
	r->pended = false;
	r->slow_within_ns = 0;
	if (likely(r->flight != NULL)) {
		flight_set(r->flight, r->opcode < LATENCY_OPCODES ?
			   r->opcode : LATENCY_ROOT_OTHER, r->message_id, 0, 0,
			   start_ns);
	}
}

static bool counts(const struct request *r)
{
	return r->opcode < LATENCY_OPCODES && tree_opcodes >> r->opcode & 1;
}

void request_set_slot(struct request *r, struct slot_writer *slot)
{
	r->slot = slot;
	r->root = place_of_root(slot, r->opcode);
	if (likely(r->flight != NULL)) {
		word_write(&r->flight->slot, slot->line);
	}
	if (PROBE_IS_ON(smb2, request_start) && counts(r) &&
	    !op_mode_is_off()) {
		request_probe_start(slot, &(struct latency_request_event){
			.message_id = r->message_id,
			.opcode = r->opcode,
			.start_ns = r->start_ns,
		});
	}
}

void request_connects(struct request *r, struct slot_writer *slot)
{
	if (r->opcode == SMB2_OP_TCON) {
		r->tree = slot;
	}
}

/* Those that found no room in the list share a path. */
static bool is_listed(const struct request *r)
{
	return r->flight != NULL && r->flight->number != 0;
}

/* Its path as far as it is known, or "". */
static const char *request_path(const struct request *r)
{
	return is_listed(r) ? r->flight->path : "";
}

void request_set_path(struct request *r, struct op_path path)
{
	struct latency_flight *flight = r->flight;

	r->has_path = true;
	if (unlikely(flight == NULL) || flight->path[0] != '\0') {
		return;
	}
	seq_write_begin(&flight->seq);
	op_path_copy(flight->path, sizeof(flight->path), path);
	seq_write_end(&flight->seq);
}

void request_find_path(struct request *r)
{
	const struct files_struct *fsp = r->smb2req->compat_chain_fsp;

	if (fsp != NULL) {
		request_set_path(r, FSP_PATH(fsp));
	} else if (r->looked_for_path) {
		/* Not at its second op either: then not while it runs. */
		r->has_path = true;
	}
	r->looked_for_path = true;
}

__attribute__((cold)) void request_find_slot(struct request *r)
{
	const struct smbd_smb2_request *smb2req = r->smb2req;
	int saved_errno = errno;
	struct slot_writer *slot;

	if (!counts(r)) {
		return;
	}
	if (smb2req->last_tid != UINT32_MAX) {
		slot = tree_slot_of_id(smb2req->last_session_id,
					   smb2req->last_tid);
	} else {
		slot = tree_slot_of_id(r->session_id, r->tid);
	}
	if (slot != NULL) {
		request_set_slot(r, slot);
	}
	errno = saved_errno;
}

/* Counts a part of the time of a request, of which root knows the place. */
static void count_part(const struct request *r, enum latency_root part,
		       struct place **known, uint64_t ns)
{
	struct place *place = *known;

	if (unlikely(place == NULL)) {
		place = counts(r) ? place_of_part(r->slot, r->root, part, known)
				  : NULL;
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
		.error = NT_STATUS_IS_ERR(NT_STATUS(status)) ? status : 0,
		.slot = r->slot->line,
		.frame = r->opcode,
		.root = r->opcode,
		.request = is_listed(r) ? r->flight->number : 0,
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
	entry->error = NT_STATUS_IS_ERR(NT_STATUS(status)) ? status : 0;
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
		.error = NT_STATUS_IS_ERR(NT_STATUS(status)) ? status : 0,
	});
}

/* The long way of element_ends(), good for all that it may be. */
static __attribute__((noinline)) void
element_ends_unusually(struct request *r, uint32_t status, uint64_t now_ns)
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
		    NT_STATUS_IS_ERR(NT_STATUS(status)) ? status : 0);
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
	if (PROBE_IS_ON(smb2, request_end) && counts(r)) {
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

/*
 * The element ends now, with this NT status. No duration is a usual one if the
 * clock went back.
 */
static void element_ends(struct request *r, uint32_t status, uint64_t now_ns)
{
	uint64_t ns = now_ns - r->start_ns;

	if (r->root == NULL ||
	    (op_mode & (OP_MODE_OFF | OP_MODE_TRACE)) != 0 || r->pended ||
	    NT_STATUS_IS_ERR(NT_STATUS(status)) ||
	    PROBE_IS_ON(smb2, request_end) ||
	    !node_is_usual(&r->root->writer, ns, r->bytes)) {
		element_ends_unusually(r, status, now_ns);
	} else {
		node_count(&r->root->writer, ns, r->bytes);
		count_file(r, status, ns);
		connections_count(r->smb2req);
	}
}

/* ---------------------------- begin, reply, end -------------------------- */

/* When the request had been received, as smbd noted it in microseconds. */
static uint64_t received_ns(const struct smbd_smb2_request *smb2req)
{
	return (uint64_t)smb2req->request_time.tv_sec * 1000000000u +
		(uint64_t)smb2req->request_time.tv_usec * 1000u + 500u -
		clock_realtime_offset();
}

void request_start(struct request *r)
{
	const struct smbd_smb2_request *smb2req = r->smb2req;
	const uint8_t *hdr = in_header(smb2req);

	if (hdr == NULL || smb2req->out.vector_count == 0) {
		return;
	}
	r->received = true;
	/* In a forked child there is no segment. */
	r->flight = latency_segment != NULL ?
		flight_begin(latency_segment) : NULL;
	network_requested(&turn.network, turn.start_ns);
	element_begins(r, hdr, turn.start_ns);
	turn.receive_ns = clock_span(turn.start_ns, received_ns(smb2req));
}

/* Is there another element of the compound after the one it works on? */
static bool has_more(const struct smbd_smb2_request *smb2req)
{
	return smb2req->current_idx + SMBD_SMB2_HDR_IOV_OFS <
		smb2req->in.vector_count;
}

/* Has smbd made a reply to the element? */
static inline bool has_replied(const struct request *r)
{
	return r->reply_ns != 0 && r->smb2req->current_idx > r->reply_idx;
}

/*
 * From the moment that the last reply of a request is made until now this turn
 * has signed, encrypted and sent, but for VFS calls (sendfile). Returns how
 * long.
 */
static uint64_t sending_ends(uint64_t now_ns)
{
	const struct request *r = turn.sending;
	uint64_t ns = 0, vfs_ns;

	if (has_replied(r) && !has_more(r->smb2req)) {
		ns = clock_span(r->reply_ns, now_ns);
		vfs_ns = place_inner_ns() - turn.sending_vfs_ns;
		ns = ns > vfs_ns ? ns - vfs_ns : 0;
		turn.send_ns += ns;
	}
	return ns;
}

/*
 * The reply to the element that smbd works on is made. Or the request goes
 * async, or is freed without a reply: then current_idx stays as it is.
 */
static void reply_made(struct reply_moment *m)
{
	struct request *r = (struct request *)m;
	const struct smbd_smb2_request *smb2req = r->smb2req;
	const uint8_t *hdr;

	if (r->family != family || r->reply_ns != 0) {
		return;
	}
	if (unlikely(!r->received)) {
		/* It came within this turn, and has made no VFS call. */
		request_start(r);
	}
	hdr = header(smb2req->out.vector, smb2req->out.vector_count,
		     smb2req->current_idx);
	if (!r->received || hdr == NULL) {
		return;
	}
	if (r->root == NULL) {
		request_find_slot(r);
	}
	r->status = IVAL(hdr, SMB2_HDR_STATUS);
	r->bytes = request_file_bytes(smb2req, r->opcode);
	r->reply_idx = smb2req->current_idx;
	r->reply_ns = clock_now();
	if (unlikely(r->pended)) {
		request_goes_on(r);
	}
	turn.worked_on_request = true;
	network_replied(&turn.network, r->reply_ns);
	if (unlikely(turn.sending != NULL)) {
		sending_ends(r->reply_ns);
		turn.sending->in_replies = true;
		DLIST_ADD(turn.replies, turn.sending);
	}
	turn.sending = r;
	turn.sending_vfs_ns = place_inner_ns();
}

/* The status with which the request ends. */
static uint32_t final_status(const struct request *r)
{
	const struct smbXsrv_connection *xconn = r->smb2req->xconn;
	bool replied = has_replied(r);

	if (replied && NT_STATUS_IS_ERR(NT_STATUS(r->status))) {
		return r->status;
	}
	if (xconn != NULL && !NT_STATUS_IS_OK(xconn->transport.status)) {
		/*
		 * There was nobody left to reply to. What smbd has told nobody
		 * may even be a success: NT_STATUS_NOTIFY_CLEANUP is one.
		 */
		return NT_STATUS_V(xconn->transport.status);
	}
	return replied ? r->status : STATUS_UNKNOWN;
}

/* The reply has been sent, or never will be. */
static void request_ends(struct request *r)
{
	uint64_t now_ns = clock_now();
	uint64_t send_ns;

	if (has_replied(r)) {
		/* In later turns: it has also waited for the socket. */
		send_ns = likely(turn.sending == r) ?
			sending_ends(now_ns) : clock_span(r->reply_ns, now_ns);
		if (r->root != NULL && !op_mode_is_off()) {
			count_part(r, LATENCY_ROOT_SEND, &r->root->send,
				   send_ns);
		}
	}
	if (r->start_ns < turn.start_ns && turn.request != r) {
		turn.sent_late = true;
	} else {
		turn.worked_on_request = true;
	}
	element_ends(r, final_status(r), now_ns);
}

/* Leaves errno alone. */
static int request_destructor(struct request *r)
{
	if (r->family != family) {
		return 0;
	}
	if (reply_moment_is_now(r->smb2req, &r->moment)) {
		reply_made(&r->moment);
		return -1;
	}
	if (r->received && latency_segment != NULL) {
		request_ends(r);
		flight_end(latency_segment, r->flight);
	}
	if (turn.request == r) {
		turn.request = NULL;
		place_forget_root();
	}
	if (likely(turn.sending == r)) {
		turn.sending = NULL;
	} else if (r->in_replies) {
		DLIST_REMOVE(turn.replies, r);
	}
	if (r->serial != 0) {
		hash_remove(&by_serial, &r->by_serial);
	}
	if (likely(newest == r)) {
		newest = NULL;
	} else {
		hash_remove(&by_address, &r->by_address);
	}
	return 0;
}

struct request *request_attach(struct smbd_smb2_request *smb2req)
{
	struct request *r = talloc(smb2req, struct request);

	if (r == NULL) {
		return NULL;
	}
	INVARIANT(request_find(smb2req) == NULL);
	r->smb2req = smb2req;
	r->family = family;
	r->received = false;
	r->waits_for_dispatch = false;
	r->in_replies = false;
	r->serial = 0;
	r->turn = 0;
	r->reply_ns = 0;
	if (unlikely(newest != NULL)) {
		hash_add(&by_address, &newest->by_address,
			 (uintptr_t)newest->smb2req);
	}
	newest = r;
	talloc_set_destructor(r, request_destructor);
	reply_moment_init(&r->moment, reply_made);
	reply_moment_await(smb2req, &r->moment);
	return r;
}

/* ---------------------------- the end of a turn -------------------------- */

void request_pends(struct request *r, uint64_t now_ns)
{
	if (!r->pended) {
		r->pended = true;
		r->pended_ns = 0;
	}
	r->pends_since_ns = now_ns;
	if (r->flight != NULL) {
		request_find_path(r);
		word_write(&r->flight->pending_ns, now_ns);
	}
}

void request_goes_on(struct request *r)
{
	if (r->pended && r->pends_since_ns != 0) {
		r->pended_ns += clock_span(r->pends_since_ns, turn.start_ns);
		r->pends_since_ns = 0;
	}
}

void request_pends_again(struct request *r, uint64_t now_ns)
{
	if (r != NULL && r->pended && r->reply_ns == 0 &&
	    r->pends_since_ns == 0) {
		r->pends_since_ns = now_ns;
	}
}

/* At the end of the turn in which reply_made() was called for it. */
static void after_reply(struct request *r)
{
	struct smbd_smb2_request *smb2req = r->smb2req;
	uint64_t reply_ns = r->reply_ns;

	if (!has_replied(r)) {
		/*
		 * It has gone async: a compound does so alone, after the
		 * replies to the elements before were sent.
		 */
		r->idx = smb2req->current_idx;
		request_pends(r, reply_ns);
	} else if (has_more(smb2req)) {
		/* The next element is to be dispatched in the next turn. */
		element_ends(r, r->status, reply_ns);
		element_begins(r, in_header(smb2req), reply_ns);
		r->waits_for_dispatch = true;
	} else {
		/* The reply is on its way. */
		return;
	}
	r->reply_ns = 0;
	reply_moment_await(smb2req, &r->moment);
}

void request_end_replies(uint64_t now_ns)
{
	struct request *r = turn.sending;

	if (r != NULL) {
		sending_ends(now_ns);
		turn.sending = NULL;
		after_reply(r);
	}
	while ((r = turn.replies) != NULL) {
		DLIST_REMOVE(turn.replies, r);
		r->in_replies = false;
		after_reply(r);
	}
}

void request_forget(void)
{
	family++;
	newest = NULL;
	hash_forget(&by_address);
	hash_forget(&by_serial);
}
