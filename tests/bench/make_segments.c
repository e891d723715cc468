/*
 * For the benchmark of the reader: segments as a server with so many clients
 * has them, each with one tree connect after a small-file copy.
 *
 *	make_segments DIRECTORY COUNT [SHARES [ACTIVE]]
 *
 * makes them in DIRECTORY (which must exist, mode 0700), each with its owner's
 * lock, prints "ready" and holds them until standard input ends. Their smbds
 * seem to wait, but for so many that count something five times a second.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "latency_clock.h"
#include "segment_dir.h"
#include "segment_writer.h"
#include "sequence.h"
#include "small_copy.h"

#define FILES 100		/* that each client has copied */
#define STEP_MS 200		/* between calls of those that are active */

static void set_phase(struct latency_time *time, enum latency_phase phase)
{
	seq_write_begin(&time->seq);
	time->mark_ns = clock_ns(CLOCK_MONOTONIC);
	time->phase = phase;
	seq_write_end(&time->seq);
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
	set_phase(&w->header->time, LATENCY_PHASE_WAITING_CLIENT);
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

/* ------------------------------- those that work ------------------------- */

static struct latency_header *map(int fd)
{
	struct stat st;
	void *map = MAP_FAILED;

	if (fstat(fd, &st) == 0) {
		map = mmap(NULL, (size_t)st.st_size, PROT_READ | PROT_WRITE,
			   MAP_SHARED, fd, 0);
	}
	if (map == MAP_FAILED) {
		perror("make_segments: mmap");
		exit(1);
	}
	return map;
}

static void *at(struct latency_header *h, uint32_t line)
{
	return (char *)h + (size_t)line * LATENCY_LINE;
}

/* One more call of a node, as long as one that there was. */
static void call_again(struct latency_header *h, struct latency_node *node)
{
	unsigned i, j;

	for (i = 0; i < HIST_OCTAVES; i++) {
		uint64_t *cells = at(h, node->octave[i]);

		for (j = 0; node->octave[i] != 0 && j < HIST_SUB; j++) {
			if (cells[j] != 0) {
				row_write_begin(&cells[j]);
				word_add(&node->total_ns, node->min_ns);
				row_write_end(&node->count);
				return;
			}
		}
	}
}

/* One more call of each node of the only slot. */
static void work(struct latency_header *h)
{
	struct latency_slot *slot = at(h, h->first_slot);
	uint32_t i;

	set_phase(&h->time, LATENCY_PHASE_WORKING);
	for (i = LATENCY_NODE_OVERFLOW; i < slot->nodes; i++) {
		struct latency_node *chunk =
			at(h, slot->chunk[i / LATENCY_CHUNK_NODES]);

		call_again(h, &chunk[i % LATENCY_CHUNK_NODES]);
	}
	set_phase(&h->time, LATENCY_PHASE_WAITING_CLIENT);
}

static void work_until_input_ends(struct latency_header **active,
				  unsigned count)
{
	struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
	unsigned i;

	while (poll(&input, 1, count != 0 ? STEP_MS : -1) == 0) {
		for (i = 0; i < count; i++) {
			work(active[i]);
		}
	}
	while (getchar() != EOF) {
		;
	}
}

int main(int argc, char **argv)
{
	struct rlimit limit;
	struct latency_error error;
	unsigned count, shares, working, i;
	struct latency_header **active;
	int dir;

	if (argc < 3 || argc > 5 || atoi(argv[2]) <= 0 ||
	    (argc >= 4 && atoi(argv[3]) <= 0) ||
	    (argc == 5 && atoi(argv[4]) < 0)) {
		fprintf(stderr, "usage: make_segments DIRECTORY COUNT "
			"[SHARES [ACTIVE]]\n");
		return 2;
	}
	count = (unsigned)atoi(argv[2]);
	shares = argc >= 4 ? (unsigned)atoi(argv[3]) : 10;
	working = argc == 5 ? (unsigned)atoi(argv[4]) : 0;
	working = working < count ? working : count;
	active = calloc(working + 1, sizeof(*active));
	if (active == NULL) {
		perror("make_segments");
		return 1;
	}
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
		int fd = make(dir, i, shares);

		if (i < working) {
			active[i] = map(fd);
		}
	}
	printf("ready\n");
	fflush(stdout);
	work_until_input_ends(active, working);
	free(active);
	return 0;
}
