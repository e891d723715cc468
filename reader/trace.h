/*
 * The trace of all smbds that are wanted, those that come later among them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRACE_H
#define TRACE_H

#include "trace_filter.h"
#include "trace_source.h"

struct trace;

/*
 * Begins to trace. The listener gets of each group what the filter wants.
 * Returns NULL with *error and errno (ENOENT: there is no such directory).
 */
struct trace *trace_start(const char *directory,
			  const struct trace_filter *filter,
			  const struct trace_listener *listener,
			  struct latency_error *error);

/*
 * Tells the listener what has come since; to be called every few milliseconds.
 * Returns false with *error if a segment makes no sense: it is left out from
 * now on.
 */
bool trace_read(struct trace *trace, struct latency_error *error);

/* How many smbds are traced, and how many of them have answered so far. */
unsigned trace_processes(const struct trace *trace);
unsigned trace_answers(const struct trace *trace);

/* Tells the rest, and lets the smbds stop. */
void trace_end(struct trace *trace);

#endif
