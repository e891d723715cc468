/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "logon.h"
#include "node_writer.h"

/*
 * A client that logs on has sent some requests before: to negotiate, to set up
 * a session, for IPC$. After more than these, a tree connect is no part of it.
 */
#define LOGON_MESSAGES 16

/* NTTIME counts 100 ns each since 1601. */
#define NTTIME_OF_1970 116444736000000000ull

static void count(const struct logon_tree *tree, enum latency_root part,
		  uint64_t ns, uint32_t error)
{
	struct slot_writer *slot = tree->slot;
	const struct latency_node *root = slot_node_below(
		slot, slot_node(slot, LATENCY_NODE_TOP),
		LATENCY_FRAME(0, LATENCY_ROOT_TREE_CONNECT));

	node_record(slot->segment,
		    slot_node_below(slot, root, LATENCY_FRAME(0, part)), ns, 0,
		    error);
}

/* What has passed between two times of smbd's. 0: the clock was set. */
static uint64_t span_ns(NTTIME from, NTTIME to)
{
	return to > from ? (to - from) * 100 : 0;
}

/* The first tree connect of a client that has just connected? */
static bool is_logon(const struct logon_tree *tree,
		     const struct smbXsrv_connection *xconn)
{
	static uint64_t channel_id;	/* of the latest one counted */
	static bool counted;

	if (xconn == NULL || tree->error != 0 ||
	    tree->message_id > LOGON_MESSAGES ||
	    (counted && channel_id == xconn->channel_id)) {
		return false;
	}
	counted = true;
	channel_id = xconn->channel_id;
	return true;
}

void logon_count(const struct logon_tree *tree)
{
	const struct smbXsrv_connection *xconn = tree->smb2req->xconn;
	const struct smbXsrv_session *session = tree->smb2req->session;
	uint64_t ns;

	count(tree, LATENCY_ROOT_LOGON_TREE, tree->ns, tree->error);
	if (!is_logon(tree, xconn)) {
		return;
	}
	ns = session == NULL || session->global == NULL ? 0 :
		span_ns(xconn->connect_time, session->global->auth_time);
	if (ns != 0) {
		count(tree, LATENCY_ROOT_LOGON_SESSION, ns, 0);
	}
	ns = span_ns(xconn->connect_time,
		     tree->ended_ns / 100 + NTTIME_OF_1970);
	if (ns != 0) {
		count(tree, LATENCY_ROOT_LOGON_FIRST, ns, 0);
	}
}
