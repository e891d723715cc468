/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "loop_timer.h"
#include "connections.h"
#include "cpu_wait.h"
#include "latency_clock.h"
#include "latency_probes.h"
#include "request_timer.h"
#include "wall_clock.h"

/* How often the occasional work runs, in ns. */
#define OCCASIONAL_NS 20000000u

/* After a wait as long, what runs once a second runs, in ns. */
#define LONG_WAIT_NS 1000000000u

PROBE_SEMAPHORE(vfs_latency, wait_start);
PROBE_SEMAPHORE(vfs_latency, wait_end);
PROBE_SEMAPHORE(vfs_latency, turn);

static void no_callback(enum tevent_trace_point point, void *private_data)
{
	(void)point;
	(void)private_data;
}

static struct {
	const struct latency_control *control;
	tevent_trace_callback_t smbd_callback;
	void *smbd_private;
	uint64_t occasional_ns;		/* when the occasional work is due */
} __attribute__((aligned(64))) loop = { .smbd_callback = no_callback };

static void smbd_trace(enum tevent_trace_point point)
{
	loop.smbd_callback(point, loop.smbd_private);
}

/* ------------------------------ end of a turn ---------------------------- */

/* wall_clock_turn(), and what the turn has added to the times, for a probe. */
static __attribute__((cold)) void account_turn_probed(struct latency_time *time,
						      uint64_t now_ns)
{
	const struct latency_time before = *time;
	struct latency_turn_event e = { 0 };

	if (wall_clock.flushed_turn == turn.serial) {
		e = wall_clock.flushed;
	}
	wall_clock_turn(time, now_ns, 1);
	turn_event_add(&e, &before, time);
	PROBE_TURN(&e);
}

/* What is not due in every turn. */
static __attribute__((cold)) void occasional_work(uint64_t now_ns)
{
	loop.occasional_ns = now_ns + OCCASIONAL_NS;
	wall_clock_sample(now_ns);
	connections_sample(wall_clock.client);
	/* A nested loop runs within an op, whose start is kept in ticks. */
	if (!place_op_is_under_way() && clock_maintain(now_ns)) {
		process_maintain();
		/* The clock may be another one. */
		op_mode_update();
	}
}

static __attribute__((noinline)) void turn_ends(void)
{
	struct latency_time *time;
	uint64_t now_ns;

	smbd_trace(TEVENT_TRACE_AFTER_LOOP_ONCE);
	now_ns = clock_now();
	request_timer_turn_ends(wall_clock.client, now_ns);
	time = wall_clock.time;
	if (PROBE_IS_ON(vfs_latency, turn)) {
		account_turn_probed(time, now_ns);
	} else {
		wall_clock_turn(time, now_ns, 1);
	}
	turn_begins(time->mark_ns);
	if (unlikely(now_ns >= loop.occasional_ns)) {
		occasional_work(now_ns);
	}
}

/* ---------------------------------- a wait ------------------------------- */

static __attribute__((noinline)) void wait_begins(void)
{
	struct latency_time *time;
	uint64_t now_ns, span;
	uint32_t busy = 0;

	/* Reading it is work, and not what smbd's profile calls idle. */
	if (unlikely(wall_clock.wake.cpus_are_busy)) {
		if (wake_sample_is_due(&wall_clock.wake)) {
			wake_sample_begins(&wall_clock.wake, cpu_wait_ns());
		}
		busy = LATENCY_PHASE_CPUS_BUSY;
	}
	smbd_trace(TEVENT_TRACE_BEFORE_WAIT);
	now_ns = clock_now();
	time = wall_clock.time;
	span = wall_clock_begin(time, now_ns);
	word_add(&time->other_ns, span);
	word_write(&time->phase, busy |
		   (turn.async_in_flight > 0 ? LATENCY_PHASE_WAITING_ASYNC :
					       LATENCY_PHASE_WAITING_CLIENT |
		    turn.network.granted_us << LATENCY_PHASE_NETWORK_SHIFT));
	wall_clock_end(time);
	if (PROBE_IS_ON(vfs_latency, wait_start)) {
		PROBE_WAIT_START(turn.async_in_flight > 0 ? "async" : "client",
				 (uint64_t)turn.async_in_flight, span);
	}
}

/* After a wait that lasted, or during which something was asked for. */
static __attribute__((cold, noinline)) void after_notable_wait(uint64_t ns,
							       bool async)
{
	op_mode_update();
	if (ns >= LONG_WAIT_NS) {
		/* What was asked for meanwhile holds from the first op on. */
		process_maintain();
	}
	if (ns >= OCCASIONAL_NS) {
		/* Before smbd closes one that has ended. */
		connections_sample(wall_clock.client);
	}
	if (PROBE_IS_ON(vfs_latency, wait_end)) {
		PROBE_WAIT_END(async ? "async" : "client",
			       (uint64_t)turn.async_in_flight, ns);
	}
}

static __attribute__((noinline)) void wait_ends(void)
{
	uint64_t now_ns = clock_now();
	struct latency_time *time = wall_clock.time;
	uint32_t busy = time->phase & LATENCY_PHASE_CPUS_BUSY;
	bool async = (time->phase & LATENCY_PHASE_KIND) ==
		LATENCY_PHASE_WAITING_ASYNC;
	uint32_t network_us = time->phase >> LATENCY_PHASE_NETWORK_SHIFT;
	bool sampled = false;
	uint64_t cpu_ns = 0;
	uint64_t span;

	if (unlikely(wake_is_sampled(&wall_clock.wake))) {
		/* Reading it is no waiting any more. */
		smbd_trace(TEVENT_TRACE_AFTER_WAIT);
		wake_sample_ends(&wall_clock.wake, cpu_wait_ns());
		sampled = true;
	}
	span = wall_clock_begin(time, now_ns);
	if (unlikely(busy)) {
		cpu_ns = wake_share(&wall_clock.wake, span);
	}
	if (network_us != 0) {
		network_waited(&turn.network,
			       split_wait(time, false, cpu_ns,
					  network_us * 1000ull, span));
	} else {
		split_wait(time, async, cpu_ns, 0, span);
	}
	word_add(&time->waits, 1);
	word_write(&time->phase, LATENCY_PHASE_WORKING);
	wall_clock_end(time);
	turn.start_ns = time->mark_ns;
	if (unlikely(span >= OCCASIONAL_NS) ||
	    PROBE_IS_ON(vfs_latency, wait_end) ||
	    op_mode_is_due(loop.control)) {
		after_notable_wait(span, async);
	}
	if (likely(!sampled)) {
		smbd_trace(TEVENT_TRACE_AFTER_WAIT);
	}
}

/* ------------------------------ the callback ----------------------------- */

/* Goes on in another function; only those put something on the stack. */
static void trace(enum tevent_trace_point point, void *private_data)
{
	(void)private_data;
	if (wall_clock.time == NULL || point == TEVENT_TRACE_BEFORE_LOOP_ONCE) {
		smbd_trace(point);
	} else if (point == TEVENT_TRACE_BEFORE_WAIT) {
		wait_begins();
	} else if (point == TEVENT_TRACE_AFTER_WAIT) {
		wait_ends();
	} else if (point == TEVENT_TRACE_AFTER_LOOP_ONCE) {
		turn_ends();
	}
}

void loop_timer_start(struct smbd_server_connection *sconn, uint64_t now_ns)
{
	tevent_trace_callback_t callback;
	void *private_data;

	if (wall_clock.client != NULL || sconn == NULL ||
	    sconn->client == NULL || sconn->client->connections == NULL ||
	    sconn->ev_ctx == NULL) {
		return;
	}
	loop.control = &latency_segment->header->control;
	/* The first time, to calibrate the clock, it is done earlier. */
	loop.occasional_ns = now_ns + OCCASIONAL_NS / 2;
	wall_clock_start(sconn->client, now_ns);
	connections_sample(sconn->client);
	turn_begins(now_ns);
	turn.receive_ns = 0;
	turn.send_ns = 0;
	place_forget_root();

	tevent_get_trace_callback(sconn->ev_ctx, &callback, &private_data);
	if (callback != trace) {
		loop.smbd_callback = callback != NULL ? callback : no_callback;
		loop.smbd_private = private_data;
		tevent_set_trace_callback(sconn->ev_ctx, trace, NULL);
	}
	process_is_traced();
}
