/*
 * Reads the ring of a trace from the file of a segment, as struct
 * latency_trace says. It believes no byte of it: what makes no sense ends the
 * reading.
 *
 * By pread(2), not by a mapping: any number of segments can be read at once,
 * and one that is truncated is a short read.
 *
 * What is new is fetched into memory first, which another thread may do, too
 * (trace_drain.h), so that it is safe from being overwritten.
 *
 * This file must not know what an event is of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRACE_RING_H
#define TRACE_RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "latency_error.h"
#include "latency_format.h"

#define TRACE_PATH (LATENCY_TRACE_PIECES * LATENCY_TRACE_PIECE + 1)

/* Cells of all rings that are kept in memory; what comes then is lost. */
#define TRACE_FETCHED_CELLS (2u << 20)

struct trace_batch;

struct trace_ring {
	int fd;
	uint32_t line;			/* of the ring in the file; 0: none */
	uint64_t number;		/* of the event to be visited next */
	bool visited;			/* any event */
	uint64_t untraced;		/* as the ring has it, until then */

	pthread_mutex_t lock;		/* of what follows */
	uint64_t cell;			/* to be fetched next */
	struct trace_batch *first, **end; /* fetched and not visited */
	bool failed;			/* why: */
	struct latency_error error;
};

/* What trace_ring_read() finds; path: "" but for a request. */
typedef void (*trace_ring_visitor)(const struct latency_event *event,
				   const char *path, void *private_data);

/*
 * Begins to read the ring at this line. fresh: with all that is in it, else
 * with what is written from now on. Returns false with *error.
 */
bool trace_ring_open(struct trace_ring *ring, int fd, uint32_t line,
		     bool fresh, struct latency_error *error);

/* Copies what is new into memory. Any thread may call it at any time. */
void trace_ring_fetch(struct trace_ring *ring);

/*
 * Visits all that is there by now, first telling how many events before it
 * were lost: overwritten, or never written since nobody seemed to read.
 * Returns false with *error if it makes no sense; what was visited before does.
 */
bool trace_ring_read(struct trace_ring *ring, trace_ring_visitor visitor,
		     void (*lost)(uint64_t events, void *private_data),
		     void *private_data, struct latency_error *error);

/* Of one that was opened, or is all zero. */
void trace_ring_close(struct trace_ring *ring);

#endif
