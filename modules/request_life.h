/*
 * The life of a request, from when smbd waits for it to its end: attached to
 * smbd's own object, started when it is received, its reply made, freed.
 *
 * This file must not know which request is current, but that a turn has one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REQUEST_LIFE_H
#define REQUEST_LIFE_H

#include "request.h"

#pragma GCC visibility push(hidden)

/* A new one for smbd's object, which lives as long as that; NULL: no memory. */
struct request *request_attach(struct smbd_smb2_request *smb2req);

/* It was received in this turn, if smbd has made sense of it. */
void request_start(struct request *r);

/* The turn ends at now_ns: what comes after the replies that it has made. */
void request_end_replies(uint64_t now_ns);

/* In a forked child: the requests are the parent's. */
void request_forget(void);

#pragma GCC visibility pop

#endif
