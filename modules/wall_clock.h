/*
 * The account of the wall clock: every update adds the time since the mark to
 * the parts of latency_wall.h and moves the mark, so that the parts follow each
 * other without a gap. Beside it the figures of CPU time.
 *
 * Below op_timer, since the end of a long op must account for it at once; what
 * ends when is the event loop's to say (loop_timer.c).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WALL_CLOCK_H
#define WALL_CLOCK_H

#include "latency_events.h"
#include "invariant.h"
#include "place.h"
#include "process.h"
#include "turn.h"
#include "wake_sampler.h"
#include "wall_split.h"

#pragma GCC visibility push(hidden)

extern struct wall_clock {
	struct smbXsrv_client *client;	/* whose event loop it is; NULL: none */
	struct latency_time *time;	/* where to; NULL like client */

	struct wake_sampler wake;
	struct latency_turn_event flushed; /* what the latest flushes added, */
	uint64_t flushed_turn;		/* in the turn of this serial */
} wall_clock;

/* Starts to account for the time of this client's smbd, from now_ns on. */
void wall_clock_start(struct smbXsrv_client *client, uint64_t now_ns);

/* Accounts for the turn so far; for when it may be the last thing seen. */
void wall_clock_flush(void);

/* Adds what came between two states of the times to what is told of a turn. */
static inline void turn_event_add(struct latency_turn_event *e,
				  const struct latency_time *before,
				  const struct latency_time *after)
{
	e->vfs_ns += after->vfs_ns - before->vfs_ns;
	e->smb_ns += after->smb_ns - before->smb_ns;
	e->receive_ns += after->receive_ns - before->receive_ns;
	e->send_ns += after->send_ns - before->send_ns;
	e->other_ns += after->other_ns - before->other_ns;
}

/* Samples CPU time, and ends a window of wake_sampler.h. */
void wall_clock_sample(uint64_t now_ns);

/* In a forked child: the time is the parent's. */
void wall_clock_forget(void);

/* What a turn was for that worked on no request. */
enum turn_kind wall_clock_turn_without_request(void);

/* Starts an update that accounts for the time up to now_ns; returns it. */
static inline uint64_t wall_clock_begin(struct latency_time *time,
					uint64_t now_ns)
{
	uint64_t mark = time->mark_ns;

	/* No update within an update. */
	INVARIANT(time->seq.count % 2 == 0);
	if (now_ns < mark) {
		/* The clock was set back. */
		now_ns = mark;
	}
	seq_write_begin(&time->seq);
	word_write(&time->mark_ns, now_ns);
	return now_ns - mark;
}

static inline void wall_clock_end(struct latency_time *time)
{
	seq_write_end(&time->seq);
}

/*
 * Splits the time from the mark to now_ns, the work of this turn; turns: 1 if
 * that ends.
 */
static inline __attribute__((always_inline))
void wall_clock_turn(struct latency_time *time, uint64_t now_ns, unsigned turns)
{
	uint64_t span = wall_clock_begin(time, now_ns);
	uint64_t vfs_ns = place_collect_inner_ns();

	if (likely(turn.worked_on_request) && !op_mode_is_off()) {
		split_turn(time, TURN_REQUEST, &turn, vfs_ns, span);
	} else {
		split_turn(time, wall_clock_turn_without_request(), &turn,
			   vfs_ns, span);
	}
	turn.receive_ns = 0;
	turn.send_ns = 0;
	word_add(&time->turns, turns);
	wall_clock_end(time);
}

#pragma GCC visibility pop

#endif
