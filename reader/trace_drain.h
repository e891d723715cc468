/*
 * A thread that fetches what is written to rings, and asks their smbds to go
 * on: so nothing is lost while the reader formats, or waits for its output.
 *
 * This file must not know what becomes of the events.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRACE_DRAIN_H
#define TRACE_DRAIN_H

#include "trace_ring.h"

struct trace_drain;

/* The thread, which catches no signal. NULL with *error. */
struct trace_drain *trace_drain_start(struct latency_error *error);

/*
 * A ring that is open, until it is removed; its fd can be written to. Returns
 * false if there is no memory.
 */
bool trace_drain_add(struct trace_drain *drain, struct trace_ring *ring);

/* One that was not added is no error. */
void trace_drain_remove(struct trace_drain *drain,
			const struct trace_ring *ring);

/* Ends it; all rings have been removed. */
void trace_drain_stop(struct trace_drain *drain);

/* Until which second of CLOCK_MONOTONIC an smbd is asked to trace. */
uint32_t trace_drain_until(void);

#endif
