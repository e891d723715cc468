/*
 * Reads the ring of a trace from the file of a segment, as struct
 * latency_trace says. It believes no byte of it: what makes no sense ends the
 * reading.
 *
 * By pread(2), not by a mapping: any number of segments can be read at once,
 * and one that is truncated is a short read.
 *
 * This file must not know what an event is of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRACE_RING_H
#define TRACE_RING_H

#include <stdbool.h>
#include <stdint.h>

#include "latency_error.h"
#include "latency_format.h"

#define TRACE_PATH (LATENCY_TRACE_PIECES * LATENCY_TRACE_PIECE + 1)

struct trace_ring {
	int fd;
	uint32_t line;			/* of the ring in the file */
	uint64_t cell;			/* to be read next */
	uint64_t number;		/* of the event to be read next */
	uint64_t switched_on;		/* as often it was, when last read */
	union latency_trace_cell *buffer;	/* LATENCY_TRACE_CELLS */
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

/*
 * Reads all that is there by now, first telling how many events before it were
 * lost. Returns false with *error if it makes no sense; what was visited before
 * does.
 */
bool trace_ring_read(struct trace_ring *ring, trace_ring_visitor visitor,
		     void (*lost)(uint64_t events, void *private_data),
		     void *private_data, struct latency_error *error);

void trace_ring_close(struct trace_ring *ring);

#endif
