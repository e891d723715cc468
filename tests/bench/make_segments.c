/*
 * For the benchmark of the reader: segments as a server with so many clients
 * has them, each with one tree connect after a small-file copy.
 *
 *	make_segments DIRECTORY COUNT [SHARES]
 *
 * makes them in DIRECTORY (which must exist, mode 0700), each with its owner's
 * lock, prints "ready" and holds them until standard input ends.
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
#include "small_copy.h"

#define FILES 100		/* that each client has copied */

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
