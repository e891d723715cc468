/*
 * What belongs together of a trace: a request with the ops that were for it, or
 * an outermost op for no request with those within.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRACE_GROUP_H
#define TRACE_GROUP_H

#include <stdbool.h>
#include <stdint.h>

#include "latency_format.h"
#include "trace_ring.h"

struct trace_event {
	struct latency_event e;		/* begun_ns: CLOCK_REALTIME */
	const char *name;		/* of the op or the request */
	const char *layer;		/* of an op; "" of a request */
	bool async;			/* a send/recv pair */
};

struct trace_group {
	uint32_t pid;
	const struct latency_slot *slot; /* all names "": not known */
	const char *root;		/* what the ops ran under */
	bool has_request;		/* it has been seen to end */
	struct trace_event request;	/* if so */
	char path[TRACE_PATH];		/* of the request; "": not known */
	/* As they ended, so that an op comes before the one around it. */
	struct trace_event *op;
	unsigned count;
};

/* Puts its ops, which are its own, in the order in which they began. */
void trace_group_sort(const struct trace_group *group);

struct trace_groups;
typedef void (*trace_group_visitor)(const struct trace_group *group,
				    void *private_data);

/* Groups of one process; NULL: no memory. */
struct trace_groups *trace_groups_new(trace_group_visitor visitor,
				      void *private_data);

/*
 * Adds an event of the process; visits the group that it completes. slot and
 * root must stay valid. Returns false if there is no memory.
 */
bool trace_groups_add(struct trace_groups *groups, uint32_t pid,
		      const struct latency_slot *slot, const char *root,
		      const struct trace_event *event, const char *path);

/* Visits those that are not complete: nothing more will come, or is known. */
void trace_groups_flush(struct trace_groups *groups);

void trace_groups_free(struct trace_groups *groups);

#endif
