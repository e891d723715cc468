/*
 * Slow operations and requests, gathered from the rings of the segments.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SLOW_OPS_H
#define SLOW_OPS_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"
#include "latency_error.h"

/* An op that another one was nested in. */
struct slow_op_around {
	char op[32];
	char layer[sizeof(((struct latency_layer *)NULL)->name)];
};

struct slow_op {
	uint64_t realtime_ns;		/* CLOCK_REALTIME of its end */
	uint64_t duration_ns;
	uint64_t message_id;		/* of the SMB2 request, if it is one */
	uint32_t error;			/* errno or NTSTATUS; 0: success */
	uint32_t pid;			/* 0: of a process that has ended */
	bool is_request;		/* and no op: op, layer are "" */
	bool under_way;	/* the times are those of the moment; never so here */
	uint64_t pending_ns;		/* of a request */
	uint64_t vfs_ns; /* the same: synchronous, since it pended last */
	char op[32];
	char layer[sizeof(((struct latency_layer *)NULL)->name)];
	char request[32];		/* SMB2 opcode or other root */
	struct slow_op_around around[LATENCY_SLOW_AROUND]; /* innermost first */
	unsigned around_count;
	struct latency_slot_key key;
	/* As smbd held it; its end behind "..." if it was too long. */
	char path[sizeof(((struct latency_slow *)NULL)->path)];
};

struct slow_op_list {
	struct slow_op *ops;		/* by time */
	unsigned count;
};

struct slow_ops_mark {
	uint64_t id;			/* of a segment; 0: the departed */
	uint64_t number;		/* of its latest op that was read */
	bool exists;
};

/*
 * What a reader has seen. Zero in the beginning; slow_ops_forget() frees it.
 */
struct slow_ops_seen {
	struct slow_ops_mark *marks;
	unsigned count;
	uint64_t *recent;		/* hashes of ops lately returned */
	unsigned next;
	uint64_t polled_ns;		/* CLOCK_REALTIME of the last time */
};

/*
 * The slow ops of a segment directory that the filter wants and that have not
 * been seen: each once, whether its process is alive or gone. Cheap if there
 * is nothing new. Returns false with *error, and errno as snapshot_take().
 * Segments that are bad are skipped.
 */
bool slow_ops_read(const char *directory, const struct filter *filter,
		   struct slow_ops_seen *seen, struct slow_op_list *list,
		   struct latency_error *error);

void slow_ops_free(struct slow_op_list *list);
void slow_ops_forget(struct slow_ops_seen *seen);

#endif
