/*
 * The trace as its process writes it; struct latency_trace has the protocol.
 *
 * This file must not know what an event is of, nor who asks for it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRACE_WRITER_H
#define TRACE_WRITER_H

#include "segment_lines.h"

/* Claims the ring if there is none; false: there is no room for it. */
bool trace_claim(struct segment_writer *w);

/* From now on events are written; or no more. The ring is claimed. */
void trace_switch(struct segment_writer *w, bool on);

/* An op has ended. Its number is filled in here. */
void trace_op(struct latency_trace *trace, const struct latency_event *event);

/* The same of a request; path: "" if it is not known. */
void trace_request(struct latency_trace *trace,
		   const struct latency_event *event, const char *path);

#endif
