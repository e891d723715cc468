/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "request_timer.h"
#include "latency_clock.h"
#include "process.h"
#include "request_life.h"
#include "turn.h"

/* -------------------------- which one is current ------------------------- */

static void make_current(struct request *r)
{
	turn.request = r;
	turn.worked_on_request = true;
	r->turn = turn.serial;
	r->waits_for_dispatch = false;
	if (latency_segment != NULL) {
		flight_is_current(latency_segment, r->flight);
	}
}

/* The same, where an op has perhaps been below another request already. */
static void switch_to(struct request *r)
{
	if (turn.request != r) {
		place_forget_root();
		if (turn.request != NULL && turn.request->pended) {
			request_pends_again(turn.request, clock_now());
		}
	}
	request_goes_on(r);
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
		r = request_find(last);
		if (r == NULL) {
			/* The one during which the first tree was connected. */
			r = request_attach(last);
			if (r == NULL) {
				continue;
			}
		}
		if (!r->received) {
			request_start(r);
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
			request_set_slot(r, layer->slot);
		}
		if (!r->has_path) {
			request_find_path(r);
		}
		if (r->slot == layer->slot) {
			return r->root;
		}
	} else if (turn.completed_async) {
		root = LATENCY_ROOT_ASYNC;
	}
	return place_of_root(layer->slot, root);
}

/* Makes the request of smbd's object the current one; NULL: it is not known. */
static struct request *go_on_with(struct smbd_smb2_request *smb2req)
{
	struct request *r = request_find(smb2req);

	if (r == NULL) {
		r = request_attach(smb2req);
	}
	if (r == NULL) {
		return NULL;
	}
	if (!r->received) {
		request_start(r);
	}
	if (!r->received) {
		return NULL;
	}
	switch_to(r);
	return r;
}

bool request_timer_is_settled(void)
{
	return turn.request != NULL && turn.request->has_path;
}

void request_timer_resume(struct vfs_handle_struct *handle,
			  struct smb_request *req, struct op_path path)
{
	struct request *r;

	if (handle->data == NULL || op_mode_is_off() || req == NULL ||
	    req->smb2req == NULL) {
		return;
	}
	r = turn.request;
	if (r == NULL || r->smb2req != req->smb2req) {
		r = go_on_with(req->smb2req);
	}
	if (r != NULL) {
		request_set_path(r, path);
	}
}

uint64_t request_timer_serial(void)
{
	return turn.request == NULL ? 0 : request_serial(turn.request);
}

void request_timer_continue(uint64_t serial)
{
	struct request *r = request_of_serial(serial);

	turn.completed_async = true;
	if (r != NULL) {
		switch_to(r);
	}
}

uint64_t request_timer_message_id(void)
{
	return turn.request == NULL ? 0 : turn.request->message_id;
}

void request_timer_was_slow(uint64_t ns)
{
	if (turn.request != NULL) {
		turn.request->slow_within_ns += ns;
	}
}

uint16_t request_timer_flight(void)
{
	const struct request *r = turn.request;

	return r != NULL && r->flight != NULL ? r->flight->number : 0;
}

/* ---------------------------- the end of a turn -------------------------- */

/* At the end of a turn in which this, if it is new, has become pending. */
static void look_at_pending(const struct smbd_smb2_request *smb2req,
			    uint64_t now_ns)
{
	struct request *r = request_find(smb2req);

	if (r == NULL || r->received) {
		return;
	}
	/* It has made no VFS call so far. */
	request_start(r);
	if (r->received) {
		request_find_slot(r);
		request_pends(r, now_ns);
	}
	turn.worked_on_request = true;
}

void request_timer_turn_ends(struct smbXsrv_client *client, uint64_t now_ns)
{
	const struct smbXsrv_connection *xconn = client->connections;
	struct smbd_smb2_request *next;

	if (unlikely(turn.replies != NULL) || unlikely(turn.sending != NULL)) {
		request_end_replies(now_ns);
	}
	request_pends_again(turn.request, now_ns);
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
			look_at_pending(DLIST_TAIL(xconn->smb2.requests),
					now_ns);
		}
		if (next != NULL) {
			request_attach(next);
		}
	}
}
