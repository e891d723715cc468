/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sys/resource.h>

#include "module.h"
#include "cpu_wait.h"
#include "latency_clock.h"
#include "latency_probes.h"
#include "loop_timer.h"
#include "map_guard.h"
#include "op_timer.h"
#include "option_names.h"
#include "request_timer.h"
#include "turn.h"

/* After so many ns what is not done in every turn is done again. */
#define SELDOM_NS 20000000u

/* What is due once a second is due after having waited for so long, in ns. */
#define MAINTAIN_NS 1000000000u

PROBE_SEMAPHORE(vfs_latency, wait_start);
PROBE_SEMAPHORE(vfs_latency, wait_end);
PROBE_SEMAPHORE(vfs_latency, turn);

struct turn turn;

static void no_callback(enum tevent_trace_point point, void *private_data)
{
	(void)point;
	(void)private_data;
}

static struct {
	struct smbXsrv_client *client;	/* NULL: no event loop is timed */
	struct latency_time *time;	/* where to; NULL like client */
	const struct latency_control *control;
	tevent_trace_callback_t smbd_callback;
	void *smbd_private;
	uint64_t seldom_ns;		/* when it is due */
	struct rusage cpu_start;
	uint64_t cpu_wait_start_ns;	/* see cpu_wait.h */

	/* Between two times of what is done seldom. */
	uint64_t window_start_ns;
	uint64_t window_cpu_wait_ns;	/* at its start */
	bool cpus_are_busy;		/* they were in the window before */
	uint64_t wait_cpu_wait_ns;	/* at the start of a wait, if they are */
} __attribute__((aligned(64))) loop = { .smbd_callback = no_callback };

static uint64_t timeval_ns(struct timeval after, struct timeval before)
{
	return (uint64_t)(after.tv_sec - before.tv_sec) * 1000000000u +
		(uint64_t)((after.tv_usec - before.tv_usec) * 1000);
}

static void account_cpu(struct latency_time *time)
{
	struct rusage usage;
	uint64_t cpu_wait = cpu_wait_ns();

	getrusage(RUSAGE_SELF, &usage);
	seq_write_begin(&time->seq);
	word_write(&time->cpu_user_ns,
		   timeval_ns(usage.ru_utime, loop.cpu_start.ru_utime));
	word_write(&time->cpu_system_ns,
		   timeval_ns(usage.ru_stime, loop.cpu_start.ru_stime));
	if (cpu_wait > loop.cpu_wait_start_ns) {
		word_write(&time->cpu_wait_ns,
			   cpu_wait - loop.cpu_wait_start_ns);
	}
	seq_write_end(&time->seq);
}

/* Starts an update that accounts for the time up to now_ns; returns it. */
static uint64_t account_begin(struct latency_time *time, uint64_t now_ns)
{
	uint64_t mark = time->mark_ns;

	if (now_ns < mark) {
		/* The clock was set back. */
		now_ns = mark;
	}
	seq_write_begin(&time->seq);
	word_write(&time->mark_ns, now_ns);
	return now_ns - mark;
}

/* Has a request arrived in part, and this turn perhaps received some of it? */
static bool receiving(void)
{
	const struct smbXsrv_connection *xconn;

	for (xconn = loop.client->connections; xconn != NULL;
	     xconn = xconn->next) {
		if (xconn->smb2.request_read_state.pktlen > 0) {
			return true;
		}
	}
	return false;
}

/* A client that speaks SMB1 does so on its only connection. */
static bool speaks_smb2(void)
{
	const struct smbXsrv_connection *xconn = loop.client->connections;

	return xconn != NULL && xconn->protocol >= PROTOCOL_SMB2_02;
}

/* Counts ns of the rest of a span as this part, at most all of it. */
static inline void take_part(uint64_t *part, uint64_t ns, uint64_t *rest)
{
	if (ns > *rest) {
		ns = *rest;
	}
	*rest -= ns;
	word_add(part, ns);
}

/*
 * Splits the time from the mark to now_ns, the work of this turn; turns: 1 if
 * that ends.
 */
static inline void account_turn(struct latency_time *time, uint64_t now_ns,
				unsigned turns)
{
	uint64_t rest = account_begin(time, now_ns);
	uint64_t vfs = op_timer_take_ns();

	take_part(&time->vfs_ns, vfs, &rest);
	if (op_timer_is_off()) {
		/* Nobody knows. */
		word_add(&time->other_ns, rest);
	} else if (turn.worked_on_request) {
		take_part(&time->receive_ns, turn.receive_ns, &rest);
		take_part(&time->send_ns, turn.send_ns, &rest);
		word_add(&time->smb_ns, rest);
	} else if (turn.sent_late) {
		word_add(&time->send_ns, rest);
	} else if (receiving()) {
		word_add(&time->receive_ns, rest);
	} else if (turn.completed_async && speaks_smb2()) {
		word_add(&time->smb_ns, rest);
	} else {
		word_add(&time->other_ns, rest);
	}
	turn.receive_ns = 0;
	turn.send_ns = 0;
	word_add(&time->turns, turns);
	seq_write_end(&time->seq);
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
	op_timer_publish_clock(latency_segment);
	/* There may be room again. */
	latency_segment->full = 0;
	for (layer = latency_layers; layer != NULL; layer = layer->next) {
		layer_update(layer);
		option_names_check(layer);
	}
}

static void turn_begins(uint64_t now_ns)
{
	turn.start_ns = now_ns;
	turn.serial++;
	turn.request = NULL;
	turn.worked_on_request = false;
	turn.sent_late = false;
	turn.completed_async = false;
}

/* account_turn(), and what the turn has added to the times, for a probe. */
static __attribute__((cold)) void account_and_tell(struct latency_time *time,
						   uint64_t now_ns)
{
	const struct latency_time before = *time;
	struct latency_turn_event e;

	account_turn(time, now_ns, 1);
	e = (struct latency_turn_event) {
		.vfs_ns = time->vfs_ns - before.vfs_ns,
		.smb_ns = time->smb_ns - before.smb_ns,
		.receive_ns = time->receive_ns - before.receive_ns,
		.send_ns = time->send_ns - before.send_ns,
		.other_ns = time->other_ns - before.other_ns,
	};
	PROBE_TURN(&e);
}

/*
 * Were CPUs busy in the window that ends now, so that this thread waited for
 * one in more than 1 % of it? Then the next one looks at every wait.
 */
static void new_window(const struct latency_time *time, uint64_t now_ns)
{
	uint64_t waited = time->cpu_wait_ns - loop.window_cpu_wait_ns;

	loop.cpus_are_busy =
		waited > clock_span(loop.window_start_ns, now_ns) / 100;
	loop.window_start_ns = now_ns;
	loop.window_cpu_wait_ns = time->cpu_wait_ns;
}

/* What is not due in every turn. */
static __attribute__((cold)) void seldom(struct latency_time *time,
					 uint64_t now_ns)
{
	loop.seldom_ns = now_ns + SELDOM_NS;
	account_cpu(time);
	new_window(time, now_ns);
	/* A nested loop runs within an op, whose start is kept in ticks. */
	if (!op_timer_is_under_way() && clock_maintain(now_ns)) {
		maintain();
		/* The clock may be another one. */
		op_timer_update();
	}
}

static void smbd_trace(enum tevent_trace_point point)
{
	loop.smbd_callback(point, loop.smbd_private);
}

static __attribute__((noinline)) void turn_ends(void)
{
	struct latency_time *time;
	uint64_t now_ns;

	smbd_trace(TEVENT_TRACE_AFTER_LOOP_ONCE);
	now_ns = clock_now();
	request_timer_turn_ends(loop.client, now_ns);
	time = loop.time;
	if (PROBE_IS_ON(vfs_latency, turn)) {
		account_and_tell(time, now_ns);
	} else {
		account_turn(time, now_ns, 1);
	}
	turn_begins(time->mark_ns);
	if (unlikely(now_ns >= loop.seldom_ns)) {
		seldom(time, now_ns);
	}
}

static __attribute__((noinline)) void wait_begins(void)
{
	struct latency_time *time;
	uint64_t now_ns, span;
	uint32_t busy = 0;

	if (unlikely(loop.cpus_are_busy)) {
		/* Before what smbd counts as idle begins. */
		loop.wait_cpu_wait_ns = cpu_wait_ns();
		busy = LATENCY_PHASE_CPUS_BUSY;
	}
	smbd_trace(TEVENT_TRACE_BEFORE_WAIT);
	now_ns = clock_now();
	time = loop.time;
	span = account_begin(time, now_ns);
	word_add(&time->other_ns, span);
	word_write(&time->phase, busy |
		   (turn.async_in_flight > 0 ? LATENCY_PHASE_WAITING_ASYNC :
					       LATENCY_PHASE_WAITING_CLIENT));
	seq_write_end(&time->seq);
	if (PROBE_IS_ON(vfs_latency, wait_start)) {
		PROBE_WAIT_START(turn.async_in_flight > 0 ? "async" : "client",
				 (uint64_t)turn.async_in_flight, span);
	}
}

/*
 * How long, of a wait that ends, a CPU was waited for. Not more than what
 * readers have left open while it lasted.
 */
static __attribute__((cold)) uint64_t waited_for_cpu(void)
{
	uint64_t ns = clock_span(loop.wait_cpu_wait_ns, cpu_wait_ns());

	return ns < LATENCY_WAKE_NS ? ns : LATENCY_WAKE_NS;
}

/* After a wait that was long, or during which something was asked for. */
static __attribute__((cold, noinline)) void look_around(uint64_t waited_ns,
							bool async)
{
	op_timer_update();
	if (waited_ns >= MAINTAIN_NS) {
		/* What was asked for meanwhile holds from the first op on. */
		maintain();
	}
	if (PROBE_IS_ON(vfs_latency, wait_end)) {
		PROBE_WAIT_END(async ? "async" : "client",
			       (uint64_t)turn.async_in_flight, waited_ns);
	}
}

static __attribute__((noinline)) void wait_ends(void)
{
	uint64_t now_ns = clock_now();
	struct latency_time *time = loop.time;
	uint32_t busy = time->phase & LATENCY_PHASE_CPUS_BUSY;
	bool async = time->phase == (LATENCY_PHASE_WAITING_ASYNC | busy);
	uint64_t span = account_begin(time, now_ns);
	uint64_t rest = span;

	if (unlikely(busy)) {
		/* What smbd counts as idle ends before it is asked for. */
		smbd_trace(TEVENT_TRACE_AFTER_WAIT);
		take_part(&time->waiting_cpu_ns, waited_for_cpu(), &rest);
	}
	word_add(async ? &time->waiting_async_ns : &time->waiting_client_ns,
		 rest);
	word_add(&time->waits, 1);
	word_write(&time->phase, LATENCY_PHASE_WORKING);
	seq_write_end(&time->seq);
	turn.start_ns = time->mark_ns;
	if (unlikely(span >= MAINTAIN_NS) ||
	    PROBE_IS_ON(vfs_latency, wait_end) ||
	    op_timer_is_due(loop.control)) {
		look_around(span, async);
	}
	if (likely(!busy)) {
		smbd_trace(TEVENT_TRACE_AFTER_WAIT);
	}
}

/* Goes on in another function; only those put something on the stack. */
static void trace(enum tevent_trace_point point, void *private_data)
{
	(void)private_data;
	if (loop.time == NULL || point == TEVENT_TRACE_BEFORE_LOOP_ONCE) {
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
	struct latency_time *time = &latency_segment->header->time;
	tevent_trace_callback_t callback;
	void *private_data;

	if (loop.client != NULL || sconn == NULL || sconn->client == NULL ||
	    sconn->client->connections == NULL || sconn->ev_ctx == NULL) {
		return;
	}
	loop.client = sconn->client;
	loop.time = time;
	loop.control = &latency_segment->header->control;
	/* The first time, to calibrate the clock, it is done earlier. */
	loop.seldom_ns = now_ns + SELDOM_NS / 2;

	getrusage(RUSAGE_SELF, &loop.cpu_start);
	cpu_wait_open();
	loop.cpu_wait_start_ns = cpu_wait_ns();
	loop.window_start_ns = now_ns;
	seq_write_begin(&time->seq);
	time->mark_ns = now_ns;
	seq_write_end(&time->seq);
	turn_begins(now_ns);
	turn.receive_ns = 0;
	turn.send_ns = 0;
	op_timer_forget_request();

	tevent_get_trace_callback(sconn->ev_ctx, &callback, &private_data);
	if (callback != trace) {
		loop.smbd_callback = callback != NULL ? callback : no_callback;
		loop.smbd_private = private_data;
		tevent_set_trace_callback(sconn->ev_ctx, trace, NULL);
	}
}

bool loop_timer_runs(void)
{
	return loop.client != NULL;
}

void loop_timer_flush(void)
{
	struct latency_time *time;

	if (loop.time == NULL) {
		return;
	}
	tell_trouble();
	time = loop.time;
	account_turn(time, clock_now(), 0);
	account_cpu(time);
}

void loop_timer_forget(void)
{
	/* The callback may stay set; without a segment it does nothing. */
	loop.client = NULL;
	loop.time = NULL;
	loop.cpus_are_busy = false;
	cpu_wait_forget();
	memset(&turn, 0, sizeof(turn));
}
