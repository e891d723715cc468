/*
 * Which SMB2 request smbd is working on, and how long each one takes: from the
 * event loop's return from waiting to the reply sent.
 *
 * The life of a request:
 *
 *	waited for	smbd makes the object of the next request before it
 *			arrives. At the end of the turn a struct request is
 *			attached to it, as a talloc child, so every request is
 *			seen, whether it makes a VFS call or not.
 *	begins		It arrives and is dispatched in the same turn. It is
 *			current from its first VFS call on, when its header is
 *			read; the latest time for that is:
 *	reply made	The one moment at which the status and the rest of a
 *			reply can be read: afterwards smbd may encrypt it in
 *			place. See reply_moment.h. A compound goes on with its
 *			next element in the next turn; each is a request here.
 *	or goes async	Looks the same, except for current_idx. The request
 *			waits for the moment again.
 *	ends		smbd frees it: the reply has been signed, encrypted and
 *			sent since the moment, or the client is gone. Without
 *			a moment there was no reply: the status is that of the
 *			connection if it is broken, otherwise unknown.
 *
 * When an older request goes on in a later turn, it becomes current as soon as
 * something tells which one it is: create_file does, and so does the completion
 * of an async op of ours. Ops before that, and those of timers and of messages
 * between smbds, are under the roots "async completion" or "other".
 *
 * The only list searched here that a client can make longer is that of its own
 * connections.
 *
 * A request fires its probes if it is counted: smb2:request_start as soon as it
 * and its tree connect are known (at its first VFS call, else at the end of the
 * turn if it is pending, else when its reply is made); smb2:request_end when it
 * has been counted.
 *
 * Limitations: requests without a tree connect (negotiate, session setup,
 * logoff, tree connect, cancel, echo) have no slot to be counted in.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REQUEST_TIMER_H
#define REQUEST_TIMER_H

#include "place.h"

#pragma GCC visibility push(hidden)

/* The root that an outermost op of this layer runs under; NULL: no memory. */
struct place *request_timer_root(struct layer *layer);

/*
 * Is all known of the current request that its next ops can tell? Until then
 * each outermost op asks for its root again.
 */
bool request_timer_is_settled(void);

/* The op about to begin is for this request, on the path that this is about. */
void request_timer_resume(struct vfs_handle_struct *handle,
			  struct smb_request *req, struct op_path path);

/*
 * Names the current request so that request_timer_continue() can find it
 * again in a later turn; 0 if there is none. Never 0 twice for the same.
 */
uint64_t request_timer_serial(void);

/* The request of this serial goes on in this turn, if it still exists. */
void request_timer_continue(uint64_t serial);

/* So long has a slow op that is kept taken of the current request. */
void request_timer_was_slow(uint64_t ns);

/* Message id of the current request, 0 if there is none. */
uint64_t request_timer_message_id(void);

/* The number of its entry among what is under way, 0 if there is none. */
uint16_t request_timer_flight(void);

/* The event loop is at the end of a turn; now_ns is the stamp of it. */
void request_timer_turn_ends(struct smbXsrv_client *client, uint64_t now_ns);

#pragma GCC visibility pop

#endif
