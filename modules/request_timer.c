/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "request_timer.h"
#include "hash.h"
#include "latency_clock.h"
#include "latency_probes.h"
#include "process.h"
#include "reply_moment.h"
#include "request_probe.h"
#include "tree.h"
#include "turn.h"

/* The status of a request that got no reply, for a reason that is not known. */
#define STATUS_NOT_KNOWN UINT32_MAX

struct request {
	struct reply_moment moment;	/* first; see there */
	struct hash_item by_address;	/* of smb2req */
	struct hash_item by_serial;	/* if it has one */
	struct request *prev, *next;	/* in replies, if reply_in_turn */
	struct smbd_smb2_request *smb2req;
	unsigned family;		/* of processes; not ours: the parent's */
	bool received;			/* started, that is */
	bool waits_for_dispatch;	/* started, but its turn is to come */
	bool reply_in_turn;		/* made in this one */

	/* Once it is received. */
	int idx;			/* element of a compound it times */
	uint16_t opcode;
	uint32_t tid;
	uint64_t start_ns;
	struct place *root;		/* its place in slot; NULL: not known */
	struct slot_writer *slot;	/* of its tree connect */
	uint64_t serial;		/* 0: nobody has asked for it */
	uint64_t message_id;
	uint64_t session_id;		/* as in its header */
	uint64_t turn;			/* serial of the turn it was current in */

	/* Once its reply is made, or it has gone async: see reply_made(). */
	uint64_t reply_ns;		/* stamp of the moment; 0: not yet */
	int reply_idx;			/* current_idx at that moment */
	uint32_t status;		/* in the reply */
};

static struct hash by_address = HASH(by_address);
static struct hash by_serial = HASH(by_serial);
static unsigned family;

/* Those with a reply made in this turn, or gone async, that still exist. */
static struct request *replies;

/* The latest of them, if it is being signed, encrypted and sent right now. */
static struct {
	struct request *request;
	uint64_t vfs_ns;		/* of the turn, until it was made */
} sending;

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
	((struct request *)((char *)(item) - offsetof(struct request, member)))

static struct request *find(const struct smbd_smb2_request *smb2req)
{
	struct hash_item *item = hash_find(&by_address, (uintptr_t)smb2req);

	return item == NULL ? NULL : ITEM_REQUEST(item, by_address);
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
	r->start_ns = start_ns;
}

static bool counts(const struct request *r)
{
	return r->opcode < LATENCY_OPCODES && tree_opcodes >> r->opcode & 1;
}

static void set_slot(struct request *r, struct slot_writer *slot)
{
	r->slot = slot;
	r->root = place_of_root(slot, r->opcode);
	if (PROBE_IS_ON(smb2, request_start) && counts(r) &&
	    !op_mode_is_off()) {
		request_probe_start(slot, r->opcode, r->message_id,
				    r->start_ns);
	}
}

/*
 * Of an element that has made no VFS call. Where smbd did not look for the
 * tree connect (some IOCTLs), the header names it.
 */
static __attribute__((cold)) void find_slot(struct request *r)
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
		set_slot(r, slot);
	}
	errno = saved_errno;
}

/* The long way of element_ends(), good for all that it may be. */
static __attribute__((noinline)) void
element_ends_unusually(struct request *r, uint32_t status, uint64_t now_ns)
{
	uint64_t ns = clock_span(r->start_ns, now_ns);

	if (r->root == NULL) {
		find_slot(r);
	}
	if (r->root == NULL || op_mode_is_off()) {
		return;
	}
	node_record(r->slot->segment, r->root->writer.node, ns, 0,
		    NT_STATUS_IS_ERR(NT_STATUS(status)) ? status : 0);
	node_writer_update(r->slot->segment, &r->root->writer, ns,
			   HIST_MAX_NS);
	if (PROBE_IS_ON(smb2, request_end) && counts(r)) {
		request_probe_end(r->slot, r->opcode, r->message_id,
				  r->start_ns, ns, status);
	}
}

/*
 * The element ends now, with this NT status. No duration is a usual one if the
 * clock went back.
 */
static void element_ends(struct request *r, uint32_t status, uint64_t now_ns)
{
	uint64_t ns = now_ns - r->start_ns;

	if (r->root == NULL || op_mode_is_off() ||
	    NT_STATUS_IS_ERR(NT_STATUS(status)) ||
	    PROBE_IS_ON(smb2, request_end) ||
	    !node_is_usual(&r->root->writer, ns)) {
		element_ends_unusually(r, status, now_ns);
	} else {
		node_count(&r->root->writer, ns, 0);
	}
}

/* ------------------------------- requests -------------------------------- */

/* When the request had been received, as smbd noted it in microseconds. */
static uint64_t received_ns(const struct smbd_smb2_request *smb2req)
{
	return (uint64_t)smb2req->request_time.tv_sec * 1000000000u +
		(uint64_t)smb2req->request_time.tv_usec * 1000u + 500u -
		clock_realtime_offset();
}

/* It was received in this turn, if smbd has made sense of it. */
static void start(struct request *r)
{
	const struct smbd_smb2_request *smb2req = r->smb2req;
	const uint8_t *hdr = in_header(smb2req);

	if (hdr == NULL || smb2req->out.vector_count == 0) {
		return;
	}
	r->received = true;
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
	const struct request *r = sending.request;
	uint64_t ns = 0, vfs_ns;

	if (r != NULL && has_replied(r) && !has_more(r->smb2req)) {
		ns = clock_span(r->reply_ns, now_ns);
		vfs_ns = place_inner_ns() - sending.vfs_ns;
		ns = ns > vfs_ns ? ns - vfs_ns : 0;
		turn.send_ns += ns;
	}
	sending.request = NULL;
	return ns;
}

/* Counts the time in which the reply to a request was sent. */
static void count_send(const struct request *r, uint64_t ns)
{
	struct place *place;

	if (r->root == NULL || !counts(r) || op_mode_is_off()) {
		return;
	}
	place = place_of_send(r->slot, r->opcode);
	if (place == NULL) {
		return;
	}
	if (likely(node_is_usual(&place->writer, ns))) {
		node_count(&place->writer, ns, 0);
		return;
	}
	node_record(r->slot->segment, place->writer.node, ns, 0, 0);
	node_writer_update(r->slot->segment, &place->writer, ns, HIST_MAX_NS);
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
		start(r);
	}
	hdr = header(smb2req->out.vector, smb2req->out.vector_count,
		     smb2req->current_idx);
	if (!r->received || hdr == NULL) {
		return;
	}
	if (r->root == NULL) {
		find_slot(r);
	}
	r->status = IVAL(hdr, SMB2_HDR_STATUS);
	r->reply_idx = smb2req->current_idx;
	r->reply_ns = clock_now();
	r->reply_in_turn = true;
	DLIST_ADD(replies, r);
	turn.worked_on_request = true;
	sending_ends(r->reply_ns);
	sending.request = r;
	sending.vfs_ns = place_inner_ns();
}

/* The status with which the request ends. */
static uint32_t final_status(const struct request *r)
{
	const struct smbXsrv_connection *xconn = r->smb2req->xconn;
	bool replied = has_replied(r);

	if (replied && r->status != 0) {
		return r->status;
	}
	if (xconn != NULL && !NT_STATUS_IS_OK(xconn->transport.status)) {
		/* There was nobody left to reply to. */
		return NT_STATUS_V(xconn->transport.status);
	}
	return replied ? 0 : STATUS_NOT_KNOWN;
}

/* The reply has been sent, or never will be. */
static void request_ends(struct request *r)
{
	uint64_t now_ns = clock_now();
	uint64_t send_ns;

	if (has_replied(r)) {
		/* In later turns: it has also waited for the socket. */
		send_ns = likely(sending.request == r) ?
			sending_ends(now_ns) : clock_span(r->reply_ns, now_ns);
		count_send(r, send_ns);
	} else if (sending.request == r) {
		sending.request = NULL;
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
	}
	if (turn.request == r) {
		turn.request = NULL;
		place_forget_root();
	}
	if (r->reply_in_turn) {
		DLIST_REMOVE(replies, r);
	}
	if (r->serial != 0) {
		hash_remove(&by_serial, &r->by_serial);
	}
	hash_remove(&by_address, &r->by_address);
	return 0;
}

static struct request *attach(struct smbd_smb2_request *smb2req)
{
	struct request *r = talloc(smb2req, struct request);

	if (r == NULL) {
		return NULL;
	}
	r->smb2req = smb2req;
	r->family = family;
	r->received = false;
	r->waits_for_dispatch = false;
	r->reply_in_turn = false;
	r->serial = 0;
	r->turn = 0;
	r->reply_ns = 0;
	hash_add(&by_address, &r->by_address, (uintptr_t)smb2req);
	talloc_set_destructor(r, request_destructor);
	reply_moment_init(&r->moment, reply_made);
	reply_moment_await(smb2req, &r->moment);
	return r;
}

/* -------------------------- which one is current ------------------------- */

static void make_current(struct request *r)
{
	turn.request = r;
	turn.worked_on_request = true;
	r->turn = turn.serial;
	r->waits_for_dispatch = false;
}

/* The same, where an op has perhaps been below another request already. */
static void switch_to(struct request *r)
{
	if (turn.request != r) {
		place_forget_root();
	}
	make_current(r);
}

/*
 * Looks for a request that is being dispatched in this turn. It is the last
 * in the list of its connection, and new, or an element whose turn it is.
 */
static void look_for_current(const struct connection_struct *conn)
{
	struct smbXsrv_connection *xconn;

	if (conn->sconn == NULL || conn->sconn->client == NULL) {
		return;
	}
	for (xconn = conn->sconn->client->connections; xconn != NULL;
	     xconn = xconn->next) {
		struct smbd_smb2_request *last;
		struct request *r;

		if (xconn->smb2.requests == NULL) {
			continue;
		}
		last = DLIST_TAIL(xconn->smb2.requests);
		r = find(last);
		if (r == NULL) {
			/* The one during which the first tree was connected. */
			r = attach(last);
			if (r == NULL) {
				continue;
			}
		}
		if (!r->received) {
			start(r);
			if (r->received) {
				make_current(r);
				return;
			}
		} else if (r->waits_for_dispatch || r->turn == turn.serial) {
			make_current(r);
			return;
		}
	}
}

struct place *request_timer_root(struct layer *layer)
{
	const struct connection_struct *conn = layer->conn;
	enum latency_root root = LATENCY_ROOT_OTHER;
	struct request *r;

	if (turn.request == NULL && conn != NULL) {
		look_for_current(conn);
	}
	r = turn.request;
	if (conn == NULL) {
		/* Freed, and something still closes what it left open. */
		root = LATENCY_ROOT_OTHER;
	} else if (!conn->tcon_done ||
		   (r != NULL && r->opcode == SMB2_OP_TCON)) {
		root = LATENCY_ROOT_TREE_CONNECT;
	} else if (r != NULL && r->opcode < LATENCY_OPCODES) {
		if (r->root == NULL) {
			set_slot(r, layer->slot);
		}
		if (r->slot == layer->slot) {
			return r->root;
		}
	} else if (turn.completed_async) {
		root = LATENCY_ROOT_ASYNC;
	}
	return place_of_root(layer->slot, root);
}

void request_timer_resume(struct vfs_handle_struct *handle,
			  struct smb_request *req)
{
	struct request *r;

	if (handle->data == NULL || op_mode_is_off() || req == NULL ||
	    req->smb2req == NULL) {
		return;
	}
	if (turn.request != NULL && turn.request->smb2req == req->smb2req) {
		return;
	}
	r = find(req->smb2req);
	if (r == NULL) {
		r = attach(req->smb2req);
	}
	if (r == NULL) {
		return;
	}
	if (!r->received) {
		start(r);
	}
	if (r->received) {
		switch_to(r);
	}
}

uint64_t request_timer_serial(void)
{
	static uint64_t serials;
	struct request *r = turn.request;

	if (r == NULL) {
		return 0;
	}
	if (r->serial == 0) {
		r->serial = ++serials;
		hash_add(&by_serial, &r->by_serial, r->serial);
	}
	return r->serial;
}

void request_timer_continue(uint64_t serial)
{
	struct hash_item *item = hash_find(&by_serial, serial);

	turn.completed_async = true;
	if (item != NULL) {
		switch_to(ITEM_REQUEST(item, by_serial));
	}
}

uint64_t request_timer_message_id(void)
{
	return turn.request == NULL ? 0 : turn.request->message_id;
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

/* At the end of a turn in which this, if it is new, has become pending. */
static void look_at_pending(const struct smbd_smb2_request *smb2req)
{
	struct request *r = find(smb2req);

	if (r == NULL || r->received) {
		return;
	}
	/* It has made no VFS call so far. */
	start(r);
	if (r->received) {
		find_slot(r);
	}
	turn.worked_on_request = true;
}

void request_timer_turn_ends(struct smbXsrv_client *client, uint64_t now_ns)
{
	const struct smbXsrv_connection *xconn = client->connections;
	struct smbd_smb2_request *next;

	sending_ends(now_ns);
	while (unlikely(replies != NULL)) {
		struct request *r = replies;

		DLIST_REMOVE(replies, r);
		r->reply_in_turn = false;
		after_reply(r);
	}
	if (op_mode_is_off()) {
		return;
	}
	for (; xconn != NULL; xconn = xconn->next) {
		next = xconn->smb2.request_read_state.req;
		if (next != NULL && next->last_sign_key != NULL) {
			/* Attached to already: nothing was received. */
			continue;
		}
		if (xconn->smb2.requests != NULL) {
			look_at_pending(DLIST_TAIL(xconn->smb2.requests));
		}
		if (next != NULL) {
			attach(next);
		}
	}
}

void request_timer_forget(void)
{
	family++;
	replies = NULL;
	sending.request = NULL;
	hash_forget(&by_address);
	hash_forget(&by_serial);
}
