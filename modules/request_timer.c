/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "module.h"
#include "latency_clock.h"
#include "op_timer.h"
#include "request_probe.h"
#include "request_timer.h"
#include "turn.h"

struct request {
	struct request *prev, *next;
	struct smbd_smb2_request *smb2req;
	bool received;			/* started, that is */
	bool compound;			/* of several elements */
	bool waits_for_dispatch;	/* started, but its turn is to come */
	struct last_words *last_words;	/* of an element of a compound */
	uint32_t status;		/* that they told */

	/* Once it is received. */
	int idx;			/* element of a compound it times */
	uint16_t opcode;
	uint64_t start_ns;
	struct place *root;		/* its place in slot; NULL: not known */
	struct slot_writer *slot;	/* of its tree connect */
	uint64_t serial;
	uint64_t message_id;
	uint64_t session_id;		/* as in its header */
	uint32_t tid;
	uint64_t turn;			/* serial of the turn it was current in */
};

/* All that exist: usually the one that is yet to arrive, and pending ones. */
static struct request *requests;
static unsigned compounds;		/* of these */
static uint64_t serials;

/* Opcodes that work on a tree connect, as bits. */
static const uint32_t tree_opcodes = 0
#define TREE(value) | 1u << (value)
#define NO_TREE(value)
#define OPCODE(value, name, tree) tree(value)
#include "latency_opcodes.h"
#undef TREE
#undef NO_TREE
	;

static struct request *find(const struct smbd_smb2_request *smb2req)
{
	struct request *r;

	for (r = requests; r != NULL && r->smb2req != smb2req; r = r->next) {
		;
	}
	return r;
}

/* The n-th element's header in a vector of smbd's, or NULL. */
static const uint8_t *header(const struct iovec *vector, int count, int idx)
{
	if (idx < 1 || idx + SMBD_SMB2_HDR_IOV_OFS >= count) {
		return NULL;
	}
	return vector[idx + SMBD_SMB2_HDR_IOV_OFS].iov_base;
}

/* Element idx begins at start_ns; its request header is hdr. */
static inline void element_begins(struct request *r, int idx,
				  const uint8_t *hdr, uint64_t start_ns)
{
	r->idx = idx;
	r->opcode = SVAL(hdr, SMB2_HDR_OPCODE);
	r->message_id = BVAL(hdr, SMB2_HDR_MESSAGE_ID);
	r->session_id = BVAL(hdr, SMB2_HDR_SESSION_ID);
	r->tid = IVAL(hdr, SMB2_HDR_TID);
	r->root = NULL;
	r->start_ns = start_ns;
	r->serial = ++serials;
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
	    !op_timer_is_off()) {
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
		slot = latency_slot_of_tid(smb2req->last_session_id,
					   smb2req->last_tid);
	} else {
		slot = latency_slot_of_tid(r->session_id, r->tid);
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
	if (r->root == NULL || op_timer_is_off()) {
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
 * The element ends now, with this NT status in its reply. No duration is a
 * usual one if the clock went back.
 */
static void element_ends(struct request *r, uint32_t status, uint64_t now_ns)
{
	uint64_t ns = now_ns - r->start_ns;

	if (r->root == NULL || op_timer_is_off() ||
	    NT_STATUS_IS_ERR(NT_STATUS(status)) ||
	    PROBE_IS_ON(smb2, request_end) ||
	    !node_is_usual(&r->root->writer, ns)) {
		element_ends_unusually(r, status, now_ns);
	} else {
		node_count(&r->root->writer, ns, 0);
	}
}

/* The status in the reply to the element that is being timed, still there. */
static uint32_t reply_status(const struct request *r)
{
	const struct smbd_smb2_request *smb2req = r->smb2req;
	const uint8_t *hdr = header(smb2req->out.vector,
				    smb2req->out.vector_count, r->idx);

	return hdr == NULL ? 0 : IVAL(hdr, SMB2_HDR_STATUS);
}

/*
 * The replies in a compound are talloc children of the smb2req that are older
 * or younger than our struct request; as children are freed the youngest
 * first, they may be gone when that is destroyed. This one is made when they
 * exist, and so is destroyed before them.
 */
struct last_words {
	struct request *r;
};

static int last_words_destructor(struct last_words *w)
{
	w->r->status = reply_status(w->r);
	return 0;
}

static void listen_to_last_words(struct request *r)
{
	TALLOC_FREE(r->last_words);
	r->last_words = talloc(r->smb2req, struct last_words);
	if (r->last_words != NULL) {
		r->last_words->r = r;
		talloc_set_destructor(r->last_words, last_words_destructor);
	}
}

/* The status with which the request ends; its children are gone. */
static uint32_t final_status(const struct request *r)
{
	const struct smbXsrv_connection *xconn = r->smb2req->xconn;
	/* Not a compound: the header is part of the request itself. */
	uint32_t status = likely(r->last_words == NULL) ?
		IVAL(r->smb2req->out._hdr, SMB2_HDR_STATUS) : r->status;

	if (status == 0 && xconn != NULL &&
	    !NT_STATUS_IS_OK(xconn->transport.status)) {
		/* There was nobody left to reply to. */
		return NT_STATUS_V(xconn->transport.status);
	}
	return status;
}

/* When the request had been received, as smbd noted it in microseconds. */
static uint64_t received_ns(const struct smbd_smb2_request *smb2req)
{
	return (uint64_t)smb2req->request_time.tv_sec * 1000000000u +
		(uint64_t)smb2req->request_time.tv_usec * 1000u + 500u -
		clock_realtime_offset();
}

/* Its first element, with this header, was received in this turn. */
static inline void first_begins(struct request *r, int idx, const uint8_t *hdr)
{
	r->received = true;
	element_begins(r, idx, hdr, turn.start_ns);
	turn.receive_ns = clock_span(turn.start_ns, received_ns(r->smb2req));
}

/* Leaves errno alone. */
static int request_destructor(struct request *r)
{
	const struct smbd_smb2_request *smb2req = r->smb2req;

	if (unlikely(!r->received) && smb2req->current_idx >= 1 &&
	    smb2req->in.vector_count > 0) {
		/* It came and went within this turn, without a VFS call. */
		first_begins(r, 1, smb2req->out._hdr);
	}
	if (r->received && latency_segment != NULL) {
		element_ends(r, final_status(r), clock_now());
		if (r->start_ns < turn.start_ns && turn.request != r) {
			turn.sent_late = true;
		} else {
			turn.worked_on_request = true;
		}
	}
	if (turn.request == r) {
		turn.request = NULL;
		op_timer_forget_request();
	}
	compounds -= r->compound;
	DLIST_REMOVE(requests, r);
	return 0;
}

static struct request *attach(struct smbd_smb2_request *smb2req)
{
	struct request *r = talloc(smb2req, struct request);

	if (r == NULL) {
		return NULL;
	}
	r->smb2req = smb2req;
	r->received = false;
	r->compound = false;
	r->waits_for_dispatch = false;
	r->last_words = NULL;
	r->status = 0;
	r->turn = 0;
	DLIST_ADD(requests, r);
	talloc_set_destructor(r, request_destructor);
	return r;
}

static void start(struct request *r)
{
	const struct smbd_smb2_request *smb2req = r->smb2req;
	const uint8_t *hdr = header(smb2req->in.vector,
				    smb2req->in.vector_count,
				    smb2req->current_idx);

	if (hdr == NULL) {
		return;
	}
	if (smb2req->in.vector_count > 1 + SMBD_SMB2_NUM_IOV_PER_REQ) {
		r->compound = true;
		compounds++;
	}
	first_begins(r, smb2req->current_idx, hdr);
}

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
		op_timer_forget_request();
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

	if (handle->data == NULL || op_timer_is_off() || req == NULL ||
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
	return turn.request == NULL ? 0 : turn.request->serial;
}

void request_timer_continue(uint64_t serial)
{
	struct request *r;

	turn.completed_async = true;
	for (r = requests; r != NULL; r = r->next) {
		if (r->received && r->serial == serial) {
			switch_to(r);
			return;
		}
	}
}

uint64_t request_timer_message_id(void)
{
	return turn.request == NULL ? 0 : turn.request->message_id;
}

/*
 * The compound has gone on to its next element: the one that was timed has
 * ended, the next one begins, to be dispatched in the next turn.
 */
static void next_element(struct request *r, uint64_t now_ns)
{
	const struct smbd_smb2_request *smb2req = r->smb2req;
	const uint8_t *hdr = header(smb2req->in.vector,
				    smb2req->in.vector_count,
				    smb2req->current_idx);

	if (hdr == NULL) {
		/* All are done; the reply is on its way. */
		return;
	}
	if (smb2req->current_idx < r->idx) {
		/* It goes on alone, asynchronously; the others were sent. */
		r->idx = smb2req->current_idx;
	} else {
		element_ends(r, reply_status(r), now_ns);
		element_begins(r, smb2req->current_idx, hdr, now_ns);
		r->waits_for_dispatch = true;
	}
	listen_to_last_words(r);
}

static __attribute__((noinline)) void next_elements(uint64_t now_ns)
{
	struct request *r;

	for (r = requests; r != NULL; r = r->next) {
		if (r->compound && r->idx != r->smb2req->current_idx) {
			next_element(r, now_ns);
		}
	}
}

/* At the end of a turn in which this, if it is new, has become pending. */
static __attribute__((noinline)) void
look_at_pending(const struct smbd_smb2_request *smb2req)
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

	if (compounds != 0) {
		next_elements(now_ns);
	}
	if (op_timer_is_off()) {
		return;
	}
	for (; xconn != NULL; xconn = xconn->next) {
		if (xconn->smb2.requests != NULL) {
			look_at_pending(DLIST_TAIL(xconn->smb2.requests));
		}
		next = xconn->smb2.request_read_state.req;
		if (next != NULL && find(next) == NULL) {
			attach(next);
		}
	}
}

void request_timer_forget(void)
{
	struct request *r;

	for (r = requests; r != NULL; r = r->next) {
		talloc_set_destructor(r, NULL);
	}
	requests = NULL;
	compounds = 0;
}
