/*
 * One turn of smbd's event loop: from the return of its waiting (or the end
 * of the turn before, if it did not wait) to the end of the one event handler
 * that it ran. Here request_timer says what the turn was for, and wall_clock
 * splits its time accordingly.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TURN_H
#define TURN_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "network_wait.h"

struct request;
struct slot_writer;

struct turn {
	uint64_t start_ns;
	uint64_t receive_ns;		/* receiving the request it was for */
	uint64_t send_ns;		/* signing, encrypting, sending */
	uint64_t serial;
	struct request *request;	/* that it works on, if known */
	bool worked_on_request;		/* or did, if it has ended */
	bool sent_late;			/* a reply of an earlier turn went */
	bool completed_async;		/* it began with an async op of ours */
	unsigned async_in_flight;	/* carried from turn to turn */

	/*
	 * Of those with a reply made in this turn, or gone async, that still
	 * exist: the latest, which may be signed, encrypted and sent right now;
	 * and the others.
	 */
	struct request *sending;
	struct request *replies;
	uint64_t sending_vfs_ns;	/* of the turn, until it was made */

	struct network_wait network;	/* carried from turn to turn */
} __attribute__((aligned(64)));

extern struct turn turn __attribute__((visibility("hidden")));

/* What this turn was for is unknown yet; what is in flight stays so. */
static inline void turn_begins(uint64_t now_ns)
{
	turn.start_ns = now_ns;
	turn.serial++;
	turn.request = NULL;
	turn.worked_on_request = false;
	turn.sent_late = false;
	turn.completed_async = false;
}

/* In a forked child: it is the parent's. */
static inline void turn_forget(void)
{
	memset(&turn, 0, sizeof(turn));
}

#endif
