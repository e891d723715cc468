/*
 * Where the wall clock of this process goes: a tevent trace callback on
 * smbd's event loop cuts it into pieces that follow each other without a gap,
 * from the first tree connect on.
 *
 *	waiting		from the trace point before the wait to the one after
 *			it: for async VFS I/O while an async op of ours is
 *			open, else for the client. While CPUs are busy, the
 *			time from being woken to running is split off: the
 *			kernel counts it, and is asked before and after a wait
 *			if it was more than 1 % of the last 20 ms
 *	a turn		from the end of the wait to the end of the handler:
 *			VFS calls, when they end; the rest is
 *			  - receiving, up to the moment that smbd notes as the
 *			    arrival of the request, and turns that receive a
 *			    part of one
 *			  - sending, from the moment that a reply is made until
 *			    it has been signed, encrypted and sent, and turns
 *			    that only complete that
 *			  - SMB processing, in turns that work on a request
 *			  - else everything else, such as all work for SMB1
 *	between		everything else
 *
 * smbd has a trace callback of its own, which is always called as well. In a
 * forked child the callback may stay set: without a wall clock it does nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LOOP_TIMER_H
#define LOOP_TIMER_H

#include "module.h"

#pragma GCC visibility push(hidden)

/*
 * Starts to time the event loop of this client, if it is not timed already.
 * now_ns is a current stamp; what this turn did before is not counted.
 */
void loop_timer_start(struct smbd_server_connection *sconn, uint64_t now_ns);

#pragma GCC visibility pop

#endif
