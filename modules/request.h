/*
 * One SMB2 request: what is known of it, and how it is found by what smbd has
 * of it. request_life.h has its beginning and end, request_count.h what becomes
 * of its time, request_timer.h which one is current.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REQUEST_H
#define REQUEST_H

#include "flight_writer.h"
#include "hash.h"
#include "latency_probes.h"
#include "place.h"
#include "reply_moment.h"
#include "turn.h"

#pragma GCC visibility push(hidden)

struct request {
	struct reply_moment moment;	/* first; see there */
	struct hash_item by_address;	/* of smb2req; not of the newest */
	struct hash_item by_serial;	/* if it has one */
	struct request *prev, *next;	/* in turn.replies, if in_replies */
	struct smbd_smb2_request *smb2req;
	unsigned family;		/* of processes; see request_forget() */
	bool received;			/* started, that is */
	bool waits_for_dispatch;	/* started, but its turn is to come */
	bool in_replies;
	bool has_path;			/* or nobody looks for it any more */
	bool pended;			/* has been, or is, pending */
	bool looked_for_path;

	/* Once it is received. */
	struct latency_flight *flight;	/* NULL: no room, or not received */
	int idx;			/* element of a compound it times */
	uint16_t opcode;
	uint32_t tid;
	uint64_t start_ns;
	struct place *root;		/* its place in slot; NULL: unknown */
	struct slot_writer *slot;	/* of its tree connect */
	struct slot_writer *tree;	/* that it connects; NULL: none */
	uint64_t serial;		/* 0: nobody has asked for it */
	uint64_t message_id;
	uint64_t session_id;		/* as in its header */
	uint64_t turn;			/* serial of that it was current in */
	uint64_t slow_within_ns;	/* of slow ops that are kept */
	/* If it has pended: */
	uint64_t pends_since_ns;	/* 0: it does not pend now */
	uint64_t pended_ns;		/* before that */

	/* Once its reply is made, or it has gone async: see reply_made(). */
	uint64_t reply_ns;		/* stamp of the moment; 0: not yet */
	int reply_idx;			/* current_idx at that moment */
	uint32_t status;		/* in the reply */
	uint32_t bytes;			/* that it says were read or written */
};

/* That of smbd's object, or NULL. */
struct request *request_find(const struct smbd_smb2_request *smb2req);

/* To be found from now on, which it was not; and no longer; and all of them. */
void request_index(struct request *r);
void request_unindex(struct request *r);
void request_index_forget(void);

/* Is it of those that are counted: for a tree connect? */
bool request_is_counted(const struct request *r);

/* Its path as far as it is known, or "". */
const char *request_path(const struct request *r);

/* Its tree connect is known. */
void request_set_slot(struct request *r, struct slot_writer *slot);

/* It connects this tree. */
void request_connects(struct request *r, struct slot_writer *slot);

/* Notes its path, unless it has one. */
void request_set_path(struct request *r, struct op_path path);

/*
 * The same by the open file that it names, once smbd has looked for that. Not
 * of CREATE, whose path is that of create_file: request_timer_resume().
 */
void request_find_path(struct request *r);

/*
 * Of an element that has made no VFS call. Where smbd did not look for the
 * tree connect (some IOCTLs), the header names it.
 */
void request_find_slot(struct request *r);

/*
 * Since now_ns nobody works on it: it waits for something. Until the turn in
 * which it is named again; once it has pended, so it does from the end of each
 * turn on that has not made its reply. NULL: nothing.
 */
void request_pends(struct request *r, uint64_t now_ns);
void request_goes_on(struct request *r);
void request_pends_again(struct request *r, uint64_t now_ns);

/* A number by which it can be found again, never 0; and that of this number. */
uint64_t request_serial(struct request *r);
struct request *request_of_serial(uint64_t serial);

#pragma GCC visibility pop

#endif
