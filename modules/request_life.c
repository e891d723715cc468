/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "request_life.h"
#include "latency_clock.h"
#include "process.h"
#include "request_count.h"
#include "request_file.h"

/* The status of a request that got no reply, for a reason that is unknown. */
#define STATUS_UNKNOWN UINT32_MAX

/* Of processes: see request_forget(). */
static unsigned family;

/* ------------------------------- elements -------------------------------- */

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
		request_count_sending(r, send_ns);
	}
	if (r->start_ns < turn.start_ns && turn.request != r) {
		turn.sent_late = true;
	} else {
		turn.worked_on_request = true;
	}
	request_count(r, final_status(r), now_ns);
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
	request_unindex(r);
	return 0;
}

struct request *request_attach(struct smbd_smb2_request *smb2req)
{
	struct request *r = talloc(smb2req, struct request);

	if (r == NULL) {
		return NULL;
	}
	r->smb2req = smb2req;
	r->family = family;
	r->received = false;
	r->waits_for_dispatch = false;
	r->in_replies = false;
	r->serial = 0;
	r->turn = 0;
	r->reply_ns = 0;
	request_index(r);
	talloc_set_destructor(r, request_destructor);
	reply_moment_init(&r->moment, reply_made);
	reply_moment_await(smb2req, &r->moment);
	return r;
}

/* ---------------------------- the end of a turn -------------------------- */

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
		request_count(r, r->status, reply_ns);
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
	request_index_forget();
}
