/*
 * How long a client that connects may wait for folding: the CPU time of
 * segment_fold_some() where the departed and the segments are as large as it
 * still folds then, in different shapes.
 *
 *	fold_time [REPEATS]
 *
 * CPU time, so that it does not matter what else the machine does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "latency_clock.h"
#include "segment_dir.h"
#include "segment_fold.h"
#include "segment_writer.h"

#define OPS 50

/* Slots of a segment or of the departed, each a tree connect so busy. */
struct shape {
	const char *name;
	unsigned slots;
	unsigned nodes;		/* in each slot */
	unsigned octaves;	/* that were hit, in each node */
	unsigned departed;	/* of ten parts of the size, those of them */
	unsigned living;	/* segments beside them whose owner lives */
	unsigned folded;	/* whose ids the departed still have */
};

static const struct shape shapes[] = {
	{ "small tree connects", 1, 10, 1, 0, 0, 0 },
	{ "usual tree connects", 1, 60, 5, 0, 0, 0 },
	{ "busy tree connects", 1, 200, 12, 0, 0, 0 },
	{ "large departed of small ones", 1, 10, 1, 9, 0, 0 },
	{ "large departed of usual ones", 1, 60, 5, 7, 0, 0 },
	{ "departed and segments alike", 1, 60, 5, 5, 0, 0 },
	{ "processes with many shares", 8, 20, 2, 0, 0, 0 },
	{ "200 clients are connected", 1, 10, 1, 7, 200, 0 },
	{ "... after 1,000 had left", 1, 10, 1, 1, 200, 1000 },
	{ "5,000 clients are connected", 1, 10, 1, 7, 5000, 0 },
};

static void die(const char *what, const char *why)
{
	fprintf(stderr, "fold_time: %s: %s\n", what, why);
	exit(1);
}

static void fill(struct segment_writer *w, const struct shape *shape,
		 unsigned number)
{
	int layer = segment_layer(w, "latency");
	unsigned i, j, k;

	for (i = 0; i < shape->slots; i++) {
		char share[32], user[32];
		const struct slot_key key = {
			.share = share,
			.user = user,
			.client = "192.0.2.1",
			.objects = "latency acl_xattr",
		};
		struct latency_node *root;
		struct slot_writer *s;

		snprintf(share, sizeof(share), "share%u", i);
		snprintf(user, sizeof(user), "user%u", number);
		s = segment_slot(w, &key, true);
		if (s == NULL) {
			die("segment_slot", "no room");
		}
		for (j = 0; j < shape->nodes; j++) {
			struct latency_node *node;

			root = slot_node_below(s, slot_node(s, 0),
					       1 + j / OPS % 18);
			node = slot_node_below(s, root, LATENCY_FRAME(
				layer, j % OPS));
			for (k = 0; k < shape->octaves; k++) {
				node_record(w, node, (uint64_t)128 << k, 0,
					    k == 3 ? 2 : 0);
			}
		}
	}
}

/* A segment of a process that has ended; its size in bytes. */
static size_t make(int dir, const struct shape *shape, unsigned number)
{
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = 4194000,
		.id = 1 + number,
		.samba_version = "4.17.12",
	};
	struct segment_writer *w;
	struct latency_error error;
	struct stat st;
	char name[64];
	unsigned i;

	snprintf(name, sizeof(name), LATENCY_SEGMENT_NAME, identity.pid,
		 (unsigned long long)identity.id);
	w = segment_create(dir, name, &identity, &error);
	if (w == NULL) {
		die(name, error.text);
	}
	for (i = 0; i < OPS; i++) {
		char op[16];

		snprintf(op, sizeof(op), "op%u", i);
		segment_add_op(w, op, LATENCY_CLASS_ERRNO);
	}
	segment_publish(w);
	fill(w, shape, number);
	segment_close(w);
	if (fstatat(dir, name, &st, 0) != 0) {
		die(name, "is missing");
	}
	return (size_t)st.st_size;
}

static size_t departed_size(int dir)
{
	struct stat st;

	return fstatat(dir, LATENCY_DEPARTED_NAME, &st, 0) == 0 ?
		(size_t)st.st_size : 0;
}

static void fold_all(int dir)
{
	struct latency_error error;
	int lock = segment_dir_lock(dir, true, 0);

	if (!segment_fold_all(dir, &error)) {
		die("departed", error.text);
	}
	segment_dir_unlock(lock);
}

/* Small ones, made once: only their locks are looked at. */
static void make_living(int dir, unsigned from, unsigned to)
{
	const struct shape small = { .slots = 0 };
	struct latency_error error;
	unsigned i;

	for (i = from; i < to; i++) {
		char name[64];
		int fd;

		make(dir, &small, 1000000 + i);
		snprintf(name, sizeof(name), LATENCY_SEGMENT_NAME, 4194000u,
			 1000001ull + i);
		fd = segment_open(dir, name, O_RDWR, &error);
		if (fd == -1 || !segment_own(fd)) {
			die(name, "cannot be locked");
		}
	}
}

/* Departed, then segments, as many as are folded in passing. */
static void prepare(int dir, const struct shape *shape)
{
	const struct shape idle = { .slots = 0 };
	unsigned number = 0, i;
	size_t size = 0, one;

	while (departed_size(dir) <
	       (size_t)SEGMENT_CHEAP_SIZE / 10 * shape->departed) {
		make(dir, shape, number++);
		fold_all(dir);
	}
	for (i = 0; i < shape->folded; i++) {
		make(dir, &idle, 100000 + i);
	}
	if (shape->folded != 0) {
		fold_all(dir);
	}
	do {
		one = make(dir, shape, number++);
		size += one + 1;
	} while (departed_size(dir) + size + one < SEGMENT_CHEAP_SIZE);
	utimensat(dir, SEGMENT_DIR_LOCK_NAME, NULL, 0);
}

/* Leaves the segments of those that live. */
static void clean(int dir)
{
	DIR *d = segment_dir_list(dir);
	struct dirent *e;

	while (d != NULL && (e = readdir(d)) != NULL) {
		if (segment_name_pid(e->d_name) != 0 &&
		    segment_name_id(e->d_name) < 1000000) {
			unlinkat(dir, e->d_name, 0);
		}
	}
	closedir(d);
	unlinkat(dir, LATENCY_DEPARTED_NAME, 0);
}

static uint64_t once(int dir, const struct shape *shape)
{
	struct latency_error error;
	uint64_t start;

	clean(dir);
	prepare(dir, shape);
	start = clock_ns(CLOCK_THREAD_CPUTIME_ID);
	if (!segment_fold_some(dir, true, &error)) {
		die("segment_fold_some", error.text);
	}
	return clock_ns(CLOCK_THREAD_CPUTIME_ID) - start;
}

static int compare(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

static void measure(int dir, const struct shape *shape, unsigned repeats)
{
	uint64_t *ns = calloc(repeats, sizeof(*ns));
	unsigned n;

	if (ns == NULL) {
		die(shape->name, "out of memory");
	}
	for (n = 0; n < repeats; n++) {
		ns[n] = once(dir, shape);
	}
	qsort(ns, repeats, sizeof(*ns), compare);
	printf("%-32s %8.0f %8.0f\n", shape->name,
	       (double)ns[repeats / 2] / 1000, (double)ns[repeats - 1] / 1000);
	free(ns);
}

int main(int argc, char **argv)
{
	int repeats = argc > 1 ? atoi(argv[1]) : 100;
	char path[] = "/dev/shm/fold_time-XXXXXX";
	struct rlimit limit = { 16384, 16384 };
	struct latency_error error;
	unsigned i, living = 0;
	char command[64];
	int dir;

	if (repeats <= 0) {
		die("usage", "fold_time [REPEATS]");
	}
	setrlimit(RLIMIT_NOFILE, &limit);
	dir = mkdtemp(path) == NULL ? -1 :
		segment_dir_open(path, false, &error);
	if (dir == -1) {
		die(path, "cannot be made");
	}
	printf("%-32s %8s %8s\n", "CPU time (us)", "Median", "Max");
	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		if (living < shapes[i].living) {
			make_living(dir, living, shapes[i].living);
			living = shapes[i].living;
		}
		measure(dir, &shapes[i], (unsigned)repeats);
	}
	snprintf(command, sizeof(command), "rm -rf %s", path);
	return system(command) == 0 ? 0 : 1;
}
