/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sys/resource.h>

#include "wall_clock.h"
#include "cpu_wait.h"
#include "latency_clock.h"
#include "time_ns.h"

struct wall_clock wall_clock;

/* What the kernel had counted at the start. */
static struct {
	struct rusage usage;
	struct rusage thread;
	uint64_t thread_ns;
	uint64_t cpu_wait_ns;
} at_start;

/* -------------------------------- CPU time ------------------------------- */

static uint64_t timeval_ns(struct timeval after, struct timeval before)
{
	return (uint64_t)(after.tv_sec - before.tv_sec) * 1000000000u +
		(uint64_t)((after.tv_usec - before.tv_usec) * 1000);
}

/* An estimate may be less than the one before. */
static void word_raise(uint64_t *word, uint64_t value)
{
	if (value > *word) {
		word_write(word, value);
	}
}

static uint64_t less(uint64_t a, uint64_t b)
{
	return a > b ? a - b : 0;
}

/*
 * What it did when it did not wait, up to the mark of the times. Faults are of
 * the process, since its I/O threads have few; switches are of this thread.
 */
static void account_work(struct latency_work *work,
			 const struct latency_time *time,
			 const struct rusage *u)
{
	uint64_t working = time->vfs_ns + time->smb_ns + time->receive_ns +
		time->send_ns + time->other_ns;
	uint64_t on_cpu = less(clock_read_ns(CLOCK_THREAD_CPUTIME_ID),
			       at_start.thread_ns);
	uint64_t no_cpu = less(time->cpu_wait_ns, time->waiting_cpu_ns);
	struct rusage thread;

	getrusage(RUSAGE_THREAD, &thread);
	seq_write_begin(&work->seq);
	word_raise(&work->on_cpu_ns, on_cpu);
	word_raise(&work->no_cpu_ns, no_cpu);
	word_raise(&work->blocked_ns, less(working, on_cpu + work->no_cpu_ns));
	__atomic_store_n(&work->page_faults,
			 (uint32_t)(u->ru_majflt - at_start.usage.ru_majflt),
			 __ATOMIC_RELAXED);
	word_write(&work->voluntary_switches,
		   (uint64_t)(thread.ru_nvcsw - at_start.thread.ru_nvcsw));
	word_write(&work->forced_switches,
		   (uint64_t)(thread.ru_nivcsw - at_start.thread.ru_nivcsw));
	seq_write_end(&work->seq);
}

/* Returns what the kernel has counted as waiting for a CPU, ever. */
static uint64_t account_cpu(struct latency_time *time)
{
	struct rusage usage;
	uint64_t cpu_wait = cpu_wait_ns();

	getrusage(RUSAGE_SELF, &usage);
	seq_write_begin(&time->seq);
	word_write(&time->cpu_user_ns,
		   timeval_ns(usage.ru_utime, at_start.usage.ru_utime));
	word_write(&time->cpu_system_ns,
		   timeval_ns(usage.ru_stime, at_start.usage.ru_stime));
	if (cpu_wait > at_start.cpu_wait_ns) {
		word_write(&time->cpu_wait_ns, cpu_wait - at_start.cpu_wait_ns);
	}
	seq_write_end(&time->seq);
	account_work(&latency_segment->header->work, time, &usage);
	return cpu_wait;
}

void wall_clock_sample(uint64_t now_ns)
{
	struct latency_time *time = wall_clock.time;
	uint64_t cpu_wait = account_cpu(time);

	wake_window_ends(&wall_clock.wake, now_ns, time->waits, cpu_wait);
}

/* ------------------------------ what a turn was -------------------------- */

/* Has a request arrived in part, and this turn perhaps received some of it? */
static bool is_receiving(void)
{
	const struct smbXsrv_connection *xconn;

	for (xconn = wall_clock.client->connections; xconn != NULL;
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
	const struct smbXsrv_connection *xconn = wall_clock.client->connections;

	return xconn != NULL && xconn->protocol >= PROTOCOL_SMB2_02;
}

enum turn_kind wall_clock_turn_without_request(void)
{
	if (op_mode_is_off()) {
		return TURN_UNKNOWN;
	}
	if (turn.sent_late) {
		return TURN_SEND;
	}
	if (is_receiving()) {
		return TURN_RECEIVE;
	}
	return turn.completed_async && speaks_smb2() ? TURN_ASYNC : TURN_OTHER;
}

/* -------------------------------- its life ------------------------------- */

void wall_clock_start(struct smbXsrv_client *client, uint64_t now_ns)
{
	struct latency_time *time = &latency_segment->header->time;

	wall_clock.client = client;
	wall_clock.time = time;
	getrusage(RUSAGE_SELF, &at_start.usage);
	getrusage(RUSAGE_THREAD, &at_start.thread);
	at_start.thread_ns = clock_read_ns(CLOCK_THREAD_CPUTIME_ID);
	at_start.cpu_wait_ns = cpu_wait_ns();
	wake_sampler_start(&wall_clock.wake, now_ns, at_start.cpu_wait_ns);
	seq_write_begin(&time->seq);
	time->mark_ns = now_ns;
	seq_write_end(&time->seq);
}

void wall_clock_flush(void)
{
	struct latency_time *time = wall_clock.time;
	struct latency_time before;

	if (time == NULL) {
		return;
	}
	process_log_trouble();
	before = *time;
	wall_clock_turn(time, clock_now(), 0);
	if (wall_clock.flushed_turn != turn.serial) {
		wall_clock.flushed_turn = turn.serial;
		wall_clock.flushed = (struct latency_turn_event){ 0 };
	}
	turn_event_add(&wall_clock.flushed, &before, time);
	account_cpu(time);
}

void wall_clock_forget(void)
{
	wall_clock.client = NULL;
	wall_clock.time = NULL;
	cpu_wait_forget();
}
