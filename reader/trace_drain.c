/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "control.h"
#include "time_ns.h"
#include "trace_drain.h"

#define FETCH_NS 5000000u	/* how often: a ring lasts some 80 ms */
#define ASK_NS 100000000u	/* how often */
#define ASK_S 2u		/* what is asked for in advance */

struct trace_drain {
	pthread_t thread;
	pthread_mutex_t lock;		/* of what follows */
	pthread_cond_t ending;
	bool ends;
	struct trace_ring **ring;
	unsigned count;
	uint64_t ask_ns;		/* when it is due */
};

uint32_t trace_drain_until(void)
{
	return (uint32_t)(clock_read_ns(CLOCK_MONOTONIC) / NS_PER_S) + ASK_S;
}

/* Looks after all of them once; locked. */
static void look_after(struct trace_drain *drain)
{
	uint64_t now_ns = clock_read_ns(CLOCK_MONOTONIC);
	bool ask = now_ns >= drain->ask_ns;
	unsigned i;

	for (i = 0; i < drain->count; i++) {
		trace_ring_fetch(drain->ring[i]);
		if (ask) {
			control_trace(drain->ring[i]->fd, trace_drain_until());
		}
	}
	if (ask) {
		drain->ask_ns = now_ns + ASK_NS;
	}
}

static void *work(void *private_data)
{
	struct trace_drain *drain = private_data;

	pthread_mutex_lock(&drain->lock);
	while (!drain->ends) {
		struct timespec due;

		look_after(drain);
		due = ns_timespec(clock_read_ns(CLOCK_MONOTONIC) + FETCH_NS);
		pthread_cond_timedwait(&drain->ending, &drain->lock, &due);
	}
	pthread_mutex_unlock(&drain->lock);
	return NULL;
}

static int start_thread(struct trace_drain *drain)
{
	sigset_t all, before;
	int ret;

	/* A thread inherits the mask. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	ret = pthread_create(&drain->thread, NULL, work, drain);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return ret;
}

struct trace_drain *trace_drain_start(struct latency_error *error)
{
	struct trace_drain *drain = calloc(1, sizeof(*drain));
	pthread_condattr_t monotonic;
	int ret;

	if (drain == NULL) {
		error_set(error, "out of memory");
		return NULL;
	}
	pthread_mutex_init(&drain->lock, NULL);
	pthread_condattr_init(&monotonic);
	pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	pthread_cond_init(&drain->ending, &monotonic);
	pthread_condattr_destroy(&monotonic);
	ret = start_thread(drain);
	if (ret != 0) {
		error_set(error, "cannot start a thread: %s", strerror(ret));
		free(drain);
		return NULL;
	}
	return drain;
}

bool trace_drain_add(struct trace_drain *drain, struct trace_ring *ring)
{
	struct trace_ring **more;

	pthread_mutex_lock(&drain->lock);
	more = realloc(drain->ring, (drain->count + 1) * sizeof(*more));
	if (more != NULL) {
		drain->ring = more;
		drain->ring[drain->count++] = ring;
		drain->ask_ns = 0;
	}
	pthread_mutex_unlock(&drain->lock);
	return more != NULL;
}

void trace_drain_remove(struct trace_drain *drain,
			const struct trace_ring *ring)
{
	unsigned i;

	pthread_mutex_lock(&drain->lock);
	for (i = 0; i < drain->count; i++) {
		if (drain->ring[i] == ring) {
			drain->ring[i] = drain->ring[--drain->count];
			break;
		}
	}
	pthread_mutex_unlock(&drain->lock);
}

void trace_drain_stop(struct trace_drain *drain)
{
	pthread_mutex_lock(&drain->lock);
	drain->ends = true;
	pthread_cond_signal(&drain->ending);
	pthread_mutex_unlock(&drain->lock);
	pthread_join(drain->thread, NULL);
	pthread_cond_destroy(&drain->ending);
	pthread_mutex_destroy(&drain->lock);
	free(drain->ring);
	free(drain);
}
