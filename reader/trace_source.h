/*
 * One smbd that is traced: its segment, kept open so that what it has written
 * is read when it has ended, too.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRACE_SOURCE_H
#define TRACE_SOURCE_H

#include "trace_drain.h"
#include "trace_group.h"

struct trace_source;

struct trace_listener {
	trace_group_visitor group;
	/* So many events of this process came too fast to be read. */
	void (*lost)(uint32_t pid, uint64_t events, void *private_data);
	void *private_data;
};

/*
 * Opens the segment `name` and asks its process to trace. NULL with *error,
 * empty if it is not there yet or no more.
 */
struct trace_source *trace_source_open(int dir, const char *name,
				       struct trace_drain *drain,
				       const struct trace_listener *listener,
				       struct latency_error *error);

/* Asks it to go on. */
void trace_source_ask(struct trace_source *source);

/*
 * Tells the listener what has come since. Returns false with *error if nothing
 * more will: the process has ended, then *error is empty, or its segment makes
 * no sense.
 */
bool trace_source_read(struct trace_source *source,
		       struct latency_error *error);

const char *trace_source_name(const struct trace_source *source);

/* Has it written anything, ever? */
bool trace_source_answers(const struct trace_source *source);

/* Tells what is not complete, too. */
void trace_source_close(struct trace_source *source);

#endif
