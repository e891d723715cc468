/*
 * What a client counts that copies small files: the tree of calls is that of
 * smbd 4.17, the durations are made up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SMALL_COPY_H
#define SMALL_COPY_H

#include <errno.h>

#include "segment_writer.h"

/* One kind of call: below which (index into calls, -1: a root), how many. */
static const struct call {
	int below;
	const char *op; /* NULL: a root */
	unsigned opcode;
	unsigned per_file;
	unsigned ns;	/* typical duration */
	uint32_t error; /* of every third */
} calls[] = {
	{ -1, NULL, 0x05, 1, 1000000, 0xc0000034 }, /* 0: CREATE */
	{ 0, "create_file", 0, 1, 480000, 0xc0000034 },
	{ 1, "openat", 0, 2, 90000, ENOENT },
	{ 1, "fdopendir", 0, 1, 2200, 0 },
	{ 1, "readdir", 0, 50, 930, 0 },
	{ 1, "telldir", 0, 50, 680, 0 },
	{ 1, "translate_name", 0, 50, 670, 0 },
	{ 1, "closedir", 0, 1, 6200, 0 },
	{ 1, "stat", 0, 4, 1760, ENOENT },
	{ 1, "fstat", 0, 2, 1880, 0 },
	{ 1, "fget_dos_attributes", 0, 2, 6190, ENODATA },
	{ 10, "fgetxattr", 0, 2, 2390, ENODATA },
	{ 1, "fset_dos_attributes", 0, 1, 13700, 0 },
	{ 12, "fsetxattr", 0, 1, 5800, 0 },
	{ 1, "file_id_create", 0, 5, 790, 0 },
	{ 1, "sys_acl_get_fd", 0, 1, 4490, 0 },
	{ 1, "fcntl", 0, 2, 4590, 0 },
	{ 1, "get_real_filename_at", 0, 1, 790, EOPNOTSUPP },
	{ 0, "chdir", 0, 2, 2630, 0 },
	{ 0, "get_alloc_size", 0, 1, 890, 0 },
	{ -1, NULL, 0x09, 1, 110000, 0 }, /* 20: WRITE */
	{ 20, "strict_lock_check", 0, 1, 4970, 0 },
	{ 20, "pwrite", 0, 1, 42400, 0 },
	{ 20, "chdir", 0, 1, 2630, 0 },
	{ -1, NULL, 0x06, 1, 82000, 0 }, /* 24: CLOSE */
	{ 24, "fntimes", 0, 1, 3860, 0 },
	{ 24, "close", 0, 2, 2560, 0 },
	{ 24, "fstat", 0, 1, 1880, 0 },
	{ 24, "getlock", 0, 1, 1850, 0 },
	{ 24, "stat", 0, 1, 1760, 0 },
	{ 24, "fget_dos_attributes", 0, 1, 6190, 0 },
	{ 30, "fgetxattr", 0, 1, 2390, 0 },
	{ -1, NULL, 0x10, 1, 30000, 0 }, /* 32: GETINFO */
	{ 32, "statvfs", 0, 1, 3670, 0 },
	{ 32, "fstat", 0, 1, 1880, 0 },
	{ -1, NULL, 0x0e, 1, 900000, 0x80000006 }, /* QUERY_DIRECTORY */
	{ 35, "readdir", 0, 20, 930, 0 },
	{ 35, "fgetxattr", 0, 20, 2390, ENODATA },
	{ 35, "stat", 0, 20, 1760, 0 },
};

#define CALLS (sizeof(calls) / sizeof(calls[0]))

/* A cheap source of numbers that are the same each time. */
static uint32_t random_number(void)
{
	static uint64_t state = 1;

	state = state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(state >> 33);
}

/* Around the typical one; one in 64 takes up to 16 times as long. */
static uint64_t duration(unsigned ns)
{
	uint32_t r = random_number();
	uint64_t d = ns / 2 + (uint64_t)ns * (r % 1024) / 1024;

	return r % 64 == 0 ? d * (2 + r / 64 % 15) : d;
}

static void copy_file(struct segment_writer *w, struct latency_node **node)
{
	unsigned i, n;

	for (i = 0; i < CALLS; i++) {
		for (n = 0; n < calls[i].per_file; n++) {
			bool fails = random_number() % 3 == 0;

			node_record(w, node[i], duration(calls[i].ns),
				    i == 22 ? 10240 : 0,
				    fails ? calls[i].error : 0);
		}
	}
}

static void make_nodes(struct segment_writer *w, struct slot_writer *s,
		       struct latency_node **node)
{
	int layer = segment_layer(w, "latency");
	unsigned i;

	for (i = 0; i < CALLS; i++) {
		const struct call *c = &calls[i];
		const struct latency_node *parent =
			c->below == -1 ? slot_node(s, LATENCY_NODE_TOP)
				       : node[c->below];
		int op = c->op == NULL
				 ? (int)c->opcode
				 : segment_op(w, c->op, LATENCY_CLASS_ERRNO);

		node[i] = slot_node_below(s, parent,
					  LATENCY_FRAME(c->op == NULL ? 0
								      : layer,
							op));
	}
}

#endif
