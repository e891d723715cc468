/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sys/resource.h>

#include "module.h"
#include "latency_clock.h"
#include "latency_probes.h"
#include "loop_timer.h"
#include "map_guard.h"
#include "op_timer.h"
#include "request_timer.h"
#include "turn.h"

/* How often the CPU time is asked for: at most once in so many ns. */
#define CPU_TIME_NS 20000000u

/* What is due once a second is due after having waited for so long, in ns. */
#define MAINTAIN_NS 1000000000u

PROBE_SEMAPHORE(vfs_latency, wait_start);
PROBE_SEMAPHORE(vfs_latency, wait_end);
PROBE_SEMAPHORE(vfs_latency, turn);

struct turn turn;

static struct {
	struct smbXsrv_client *client;
	struct tevent_context *ev;
	tevent_trace_callback_t smbd_callback;
	void *smbd_private;
	uint64_t cpu_next_ns;
	struct rusage cpu_start;
} loop;

static uint64_t timeval_ns(struct timeval after, struct timeval before)
{
	return (uint64_t)(after.tv_sec - before.tv_sec) * 1000000000u +
		(uint64_t)((after.tv_usec - before.tv_usec) * 1000);
}

static void account_cpu(struct latency_time *time, uint64_t now_ns)
{
	struct rusage usage;

	loop.cpu_next_ns = now_ns + CPU_TIME_NS;
	getrusage(RUSAGE_SELF, &usage);
	word_write(&time->cpu_user_ns,
		   timeval_ns(usage.ru_utime, loop.cpu_start.ru_utime));
	word_write(&time->cpu_system_ns,
		   timeval_ns(usage.ru_stime, loop.cpu_start.ru_stime));
}

/* Starts an update that accounts for the time up to now_ns. */
static uint64_t account_begin(struct latency_time *time, uint64_t now_ns)
{
	uint64_t span = clock_span(time->mark_ns, now_ns);

	seq_write_begin(&time->seq);
	word_write(&time->mark_ns, time->mark_ns + span);
	return span;
}

static void account_end(struct latency_time *time, enum latency_phase phase)
{
	word_write(&time->phase, phase);
	seq_write_end(&time->seq);
}

/* Has a request arrived in part, and this turn perhaps received some of it? */
static bool receiving(void)
{
	const struct smbXsrv_connection *xconn = loop.client->connections;

	return xconn != NULL && xconn->smb2.request_read_state.pktlen > 0;
}

/* Splits the time from the mark to now_ns, the work of this turn. */
static void account_turn(struct latency_time *time, uint64_t now_ns)
{
	uint64_t rest = account_begin(time, now_ns);
	uint64_t vfs = op_timer_take_ns();
	uint64_t receive;

	if (vfs > rest) {
		vfs = rest;
	}
	rest -= vfs;
	word_add(&time->vfs_ns, vfs);

	if (op_timer_is_off()) {
		/* Nobody knows. */
		word_add(&time->other_ns, rest);
	} else if (turn.worked_on_request) {
		receive = turn.receive_ns < rest ? turn.receive_ns : rest;
		word_add(&time->receive_ns, receive);
		word_add(&time->smb_ns, rest - receive);
	} else if (turn.sent_late) {
		word_add(&time->send_ns, rest);
	} else if (receiving()) {
		word_add(&time->receive_ns, rest);
	} else if (turn.completed_async) {
		word_add(&time->smb_ns, rest);
	} else {
		word_add(&time->other_ns, rest);
	}
	turn.receive_ns = 0;
}

/* Says in smbd's log, once, what is wrong with the segment. */
static void tell_trouble(void)
{
	static bool told_full, told_broken;

	if (latency_segment->full != 0 && !told_full) {
		told_full = true;
		DBG_ERR("vfs_latency: no room to measure all of this smbd: "
			"%s\n", strerror(latency_segment->full));
	}
	if (!told_broken && map_guard_broken(latency_segment->base)) {
		told_broken = true;
		DBG_ERR("vfs_latency: this smbd is not measured any more: its "
			"segment was truncated\n");
	}
}

/* What is due once a second. */
static void maintain(void)
{
	struct layer *layer;

	tell_trouble();
	word_write(&latency_segment->header->tsc, (uint32_t)latency_clock.tsc);
	/* There may be room again. */
	latency_segment->full = 0;
	for (layer = latency_layers; layer != NULL; layer = layer->next) {
		layer_update(layer);
	}
}

static void turn_begins(uint64_t now_ns)
{
	turn.start_ns = now_ns;
	turn.serial++;
	turn.receive_ns = 0;
	turn.request = NULL;
	op_timer_forget_request();
	turn.worked_on_request = false;
	turn.sent_late = false;
	turn.completed_async = false;
}

/* What the turn has added to the times. */
static void tell_turn(const struct latency_time *before,
		      const struct latency_time *after)
{
	struct latency_turn_event e = {
		.vfs_ns = after->vfs_ns - before->vfs_ns,
		.smb_ns = after->smb_ns - before->smb_ns,
		.receive_ns = after->receive_ns - before->receive_ns,
		.send_ns = after->send_ns - before->send_ns,
		.other_ns = after->other_ns - before->other_ns,
	};

	PROBE_TURN(&e);
}

static __attribute__((noinline)) void turn_ends(struct latency_time *time)
{
	bool tell = PROBE_IS_ON(vfs_latency, turn);
	uint64_t now_ns = clock_now();
	struct latency_time before;

	if (tell) {
		before = *time;
	}
	request_timer_turn_ends(loop.client, now_ns);
	account_turn(time, now_ns);
	word_add(&time->turns, 1);
	if (now_ns >= loop.cpu_next_ns) {
		account_cpu(time, now_ns);
	}
	account_end(time, LATENCY_PHASE_WORKING);
	if (tell) {
		tell_turn(&before, time);
	}
	turn_begins(time->mark_ns);
	if (clock_maintain(now_ns)) {
		maintain();
		/* The clock may be another one. */
		op_timer_update();
	}
}

static __attribute__((noinline)) void wait_begins(struct latency_time *time)
{
	bool async = turn.async_in_flight > 0;
	uint64_t span = account_begin(time, clock_now());

	word_add(&time->other_ns, span);
	account_end(time, async ? LATENCY_PHASE_WAITING_ASYNC :
				  LATENCY_PHASE_WAITING_CLIENT);
	if (PROBE_IS_ON(vfs_latency, wait_start)) {
		PROBE_WAIT_START(async ? "async" : "client",
				 (uint64_t)turn.async_in_flight, span);
	}
}

static __attribute__((noinline)) void wait_ends(struct latency_time *time)
{
	bool async = time->phase == LATENCY_PHASE_WAITING_ASYNC;
	uint64_t span = account_begin(time, clock_now());

	word_add(async ? &time->waiting_async_ns : &time->waiting_client_ns,
		 span);
	word_add(&time->waits, 1);
	account_end(time, LATENCY_PHASE_WORKING);
	turn.start_ns = time->mark_ns;
	op_timer_update();
	if (span >= MAINTAIN_NS) {
		/* What was asked for meanwhile holds from the first op on. */
		maintain();
	}
	if (PROBE_IS_ON(vfs_latency, wait_end)) {
		PROBE_WAIT_END(async ? "async" : "client",
			       (uint64_t)turn.async_in_flight, span);
	}
}

static void smbd_trace(enum tevent_trace_point point)
{
	if (loop.smbd_callback != NULL) {
		loop.smbd_callback(point, loop.smbd_private);
	}
}

static void trace(enum tevent_trace_point point, void *private_data)
{
	struct latency_time *time;

	(void)private_data;
	if (latency_segment == NULL ||
	    point == TEVENT_TRACE_BEFORE_LOOP_ONCE) {
		smbd_trace(point);
		return;
	}
	time = &latency_segment->header->time;
	if (point == TEVENT_TRACE_AFTER_WAIT) {
		wait_ends(time);
		smbd_trace(point);
		return;
	}
	smbd_trace(point);
	if (point == TEVENT_TRACE_BEFORE_WAIT) {
		wait_begins(time);
	} else if (point == TEVENT_TRACE_AFTER_LOOP_ONCE) {
		turn_ends(time);
	}
}

void loop_timer_start(struct smbd_server_connection *sconn, uint64_t now_ns)
{
	struct latency_time *time = &latency_segment->header->time;
	tevent_trace_callback_t callback;
	void *private_data;

	if (loop.client != NULL || sconn == NULL || sconn->client == NULL ||
	    sconn->client->connections == NULL || sconn->ev_ctx == NULL) {
		return;
	}
	loop.client = sconn->client;
	loop.ev = sconn->ev_ctx;

	getrusage(RUSAGE_SELF, &loop.cpu_start);
	seq_write_begin(&time->seq);
	time->mark_ns = now_ns;
	seq_write_end(&time->seq);
	turn_begins(now_ns);

	tevent_get_trace_callback(loop.ev, &callback, &private_data);
	if (callback != trace) {
		loop.smbd_callback = callback;
		loop.smbd_private = private_data;
		tevent_set_trace_callback(loop.ev, trace, NULL);
	}
}

bool loop_timer_runs(void)
{
	return loop.client != NULL;
}

void loop_timer_flush(void)
{
	struct latency_time *time;

	if (loop.client == NULL || latency_segment == NULL) {
		return;
	}
	tell_trouble();
	time = &latency_segment->header->time;
	account_turn(time, clock_now());
	account_cpu(time, time->mark_ns);
	account_end(time, LATENCY_PHASE_WORKING);
}

void loop_timer_forget(void)
{
	/* The callback may stay set; without a segment it does nothing. */
	loop.client = NULL;
	memset(&turn, 0, sizeof(turn));
}
