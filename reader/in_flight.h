/*
 * What is under way in all smbds: requests with the ops in them, and ops that
 * are for no known request. All of one process was under way at one moment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef IN_FLIGHT_H
#define IN_FLIGHT_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"

#define IN_FLIGHT_OPS 16u	/* nested; of more the innermost are left out */

struct in_flight_op {
	char op[32];
	char layer[sizeof(((struct latency_layer *)NULL)->name)];
	uint64_t age_ns;
	bool async;
};

struct in_flight {
	uint64_t age_ns; /* of the request; of the outermost op without one */
	uint64_t begun_ns;		/* CLOCK_MONOTONIC */
	char request[32];		/* SMB2 opcode or other root */
	bool is_request;
	uint64_t message_id;		/* 0: not known */
	uint64_t pending_ns; /* how long it has been waited for; 0: it is not */
	/* The outermost first; async ops are side by side. */
	struct in_flight_op op[IN_FLIGHT_OPS];
	unsigned op_count;
	uint32_t pid;
	bool slow_set;			/* slow_ms replaces smb.conf's */
	uint32_t slow_ms;		/* 0: nothing is slow */
	/* All "" where the tree connect is not known. */
	struct latency_slot_key key;
	char path[sizeof(((struct latency_flight *)NULL)->path)]; /* "": not
								     known */
};

struct in_flight_list {
	struct in_flight *entry;	/* the oldest first */
	unsigned count;
	uint64_t unlisted; /* more under way that no smbd had room to list */
	struct latency_error *problems;	/* segments that could not be read */
	unsigned problem_count;
};

/*
 * What is under way in the segments of a directory, as far as the filter wants
 * it and it is older_ns old. Returns false with *error, and errno as
 * snapshot_take().
 */
bool in_flight_read(const char *directory, const struct filter *filter,
		    uint64_t older_ns, struct in_flight_list *list,
		    struct latency_error *error);

/*
 * Adds what is under way in an image that has been read just now. The list is
 * zero before the first; in_flight_sort() is for when all have been added.
 * Returns false: no memory.
 */
bool in_flight_add(struct in_flight_list *list,
		   const struct segment_image *image,
		   const struct filter *filter, uint64_t older_ns);

void in_flight_sort(struct in_flight_list *list);

void in_flight_free(struct in_flight_list *list);

#endif
