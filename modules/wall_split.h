/*
 * How a span of the wall clock is split into its parts (latency_wall.h), so
 * that they add up to the span whatever the pieces are said to be.
 *
 * This file must not know: Samba, clocks, and what is measured where. Called
 * within an update of the struct latency_time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WALL_SPLIT_H
#define WALL_SPLIT_H

#include "latency_format.h"
#include "sequence.h"
#include "turn.h"

/* What a turn was for, all of it but VFS calls. */
enum turn_kind {
	TURN_UNKNOWN,			/* switched off: nobody looked */
	TURN_REQUEST,			/* received, worked on, replied to */
	TURN_SEND,			/* completed the sending of a reply */
	TURN_RECEIVE,			/* received a part of a request */
	TURN_ASYNC,			/* completed an async op of ours */
	TURN_OTHER,
};

/* Counts ns of the rest of a span as this part, at most all of it: returned. */
static inline uint64_t split_off(uint64_t *part, uint64_t ns, uint64_t *rest)
{
	if (ns > *rest) {
		ns = *rest;
	}
	*rest -= ns;
	word_add(part, ns);
	return ns;
}

/* span: of the work of this turn, of which vfs_ns were in VFS calls. */
static inline __attribute__((always_inline))
void split_turn(struct latency_time *time, enum turn_kind kind,
		const struct turn *t, uint64_t vfs_ns, uint64_t span)
{
	split_off(&time->vfs_ns, vfs_ns, &span);
	switch (kind) {
	case TURN_REQUEST:
		split_off(&time->receive_ns, t->receive_ns, &span);
		split_off(&time->send_ns, t->send_ns, &span);
		word_add(&time->smb_ns, span);
		break;
	case TURN_SEND:
		word_add(&time->send_ns, span);
		break;
	case TURN_RECEIVE:
		word_add(&time->receive_ns, span);
		break;
	case TURN_ASYNC:
		word_add(&time->smb_ns, span);
		break;
	case TURN_UNKNOWN:
	case TURN_OTHER:
		word_add(&time->other_ns, span);
		break;
	}
}

/*
 * span: of a wait, in which a CPU was waited for at last for cpu_ns, and of the
 * rest the network for at most network_ns. Returns how much that was.
 */
static inline uint64_t split_wait(struct latency_time *time, bool async,
				  uint64_t cpu_ns, uint64_t network_ns,
				  uint64_t span)
{
	uint64_t network = 0;

	if (cpu_ns != 0) {
		split_off(&time->waiting_cpu_ns, cpu_ns, &span);
	}
	if (network_ns != 0) {
		network = split_off(&time->waiting_network_ns, network_ns,
				    &span);
	}
	word_add(async ? &time->waiting_async_ns : &time->waiting_client_ns,
		 span);
	return network;
}

#endif
