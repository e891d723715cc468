/*
 * For the benchmark of the reader: segments as a server with so many clients
 * has them, each with one tree connect after a small-file copy.
 *
 *	make_segments DIRECTORY COUNT [SHARES]
 *
 * makes them in DIRECTORY (which must exist, mode 0700), each with its owner's
 * lock, prints "ready" and holds them until standard input ends.
 *
 * The tree of calls is that of smbd 4.17 for a copy; durations are made up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "latency_clock.h"
#include "segment_dir.h"
#include "segment_writer.h"

#define FILES 100		/* that each client has copied */

/* One kind of call: below which (index into calls, -1: a root), how many. */
static const struct call {
	int below;
	const char *op;		/* NULL: a root */
	unsigned opcode;
	unsigned per_file;
	unsigned ns;		/* typical duration */
	uint32_t error;		/* of every third */
} calls[] = {
	{ -1, NULL, 0x05, 1, 1000000, 0xc0000034 },	/* 0: CREATE */
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
	{ -1, NULL, 0x09, 1, 110000, 0 },		/* 20: WRITE */
	{ 20, "strict_lock_check", 0, 1, 4970, 0 },
	{ 20, "pwrite", 0, 1, 42400, 0 },
	{ 20, "chdir", 0, 1, 2630, 0 },
	{ -1, NULL, 0x06, 1, 82000, 0 },		/* 24: CLOSE */
	{ 24, "fntimes", 0, 1, 3860, 0 },
	{ 24, "close", 0, 2, 2560, 0 },
	{ 24, "fstat", 0, 1, 1880, 0 },
	{ 24, "getlock", 0, 1, 1850, 0 },
	{ 24, "stat", 0, 1, 1760, 0 },
	{ 24, "fget_dos_attributes", 0, 1, 6190, 0 },
	{ 30, "fgetxattr", 0, 1, 2390, 0 },
	{ -1, NULL, 0x10, 1, 30000, 0 },		/* 32: GETINFO */
	{ 32, "statvfs", 0, 1, 3670, 0 },
	{ 32, "fstat", 0, 1, 1880, 0 },
	{ -1, NULL, 0x0e, 1, 900000, 0x80000006 },	/* QUERY_DIRECTORY */
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
		const struct latency_node *parent = c->below == -1 ?
			slot_node(s, LATENCY_NODE_TOP) : node[c->below];
		int op = c->op == NULL ? (int)c->opcode :
			segment_op(w, c->op, LATENCY_CLASS_ERRNO);

		node[i] = slot_node_below(s, parent, LATENCY_FRAME(
			c->op == NULL ? 0 : layer, op));
	}
}

/* Makes a segment; returns a descriptor that holds its lock. */
static int make(int dir, unsigned number, unsigned shares)
{
	struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = 100000 + number,
		.id = number + 1,
		.start_realtime_ns = clock_ns(CLOCK_REALTIME),
		.start_monotonic_ns = clock_ns(CLOCK_MONOTONIC),
		.samba_version = "4.17.12-bench",
	};
	char name[64], share[32], user[32], client[32];
	struct latency_node *node[CALLS];
	struct latency_error error;
	struct segment_writer *w;
	struct slot_writer *s;
	unsigned i;
	int fd;

	snprintf(name, sizeof(name), LATENCY_SEGMENT_NAME, identity.pid,
		 (unsigned long long)identity.id);
	snprintf(share, sizeof(share), "share%u", number % shares);
	snprintf(user, sizeof(user), "user%u", number % 200);
	snprintf(client, sizeof(client), "10.0.%u.%u", number / 250 % 250,
		 number % 250);
	w = segment_create(dir, name, &identity, &error);
	s = w != NULL ? segment_slot(w, &(const struct slot_key){
			share, user, client, ":latency/" }, true) : NULL;
	if (s == NULL) {
		fprintf(stderr, "make_segments: %s\n",
			w == NULL ? error.text : strerror(w->full));
		exit(1);
	}
	make_nodes(w, s, node);
	for (i = 0; i < FILES; i++) {
		copy_file(w, node);
	}
	w->header->time.mark_ns = clock_ns(CLOCK_MONOTONIC);
	w->header->time.phase = LATENCY_PHASE_WAITING_CLIENT;
	segment_publish(w);
	/* Only so many can be mapped with a guard: keep the lock alone. */
	fd = segment_open(dir, name, O_RDWR, &error);
	segment_close(w);
	if (fd == -1 || !segment_own(fd)) {
		fprintf(stderr, "make_segments: cannot lock %s\n", name);
		exit(1);
	}
	return fd;
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	struct latency_error error;
	unsigned count, shares, i;
	int dir;

	if (argc < 3 || argc > 4 || atoi(argv[2]) <= 0 ||
	    (argc == 4 && atoi(argv[3]) <= 0)) {
		fprintf(stderr, "usage: make_segments DIRECTORY COUNT "
			"[SHARES]\n");
		return 2;
	}
	count = (unsigned)atoi(argv[2]);
	shares = argc == 4 ? (unsigned)atoi(argv[3]) : 10;
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
		limit.rlim_cur = limit.rlim_max;
		setrlimit(RLIMIT_NOFILE, &limit);
	}
	dir = segment_dir_open(argv[1], false, &error);
	if (dir == -1) {
		fprintf(stderr, "make_segments: %s\n", error.text);
		return 1;
	}
	for (i = 0; i < count; i++) {
		make(dir, i, shares);
	}
	printf("ready\n");
	fflush(stdout);
	while (getchar() != EOF) {
		;
	}
	return 0;
}
