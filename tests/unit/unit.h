/*
 * What the unit tests share: a segment directory that goes away again, and
 * segments made with few words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cmocka.h>

#include "row_sum.h"
#include "segment_reader.h"
#include "segment_writer.h"
#include "snapshot.h"
#include "table.h"

/* Numbers that are the same in every run: xorshift64*. Never seeded with 0. */
struct random {
	uint64_t state;
};

uint64_t random_next(struct random *random);

/* A latency; each power of two up to 2^bits ns is as likely as the others. */
uint64_t random_ns(struct random *random, unsigned bits);

/* The segment directory of a test, *state of the test. */
struct test_dir {
	char path[256];
	int fd;
};

/* cmocka setup and teardown. */
int test_dir_make(void **state);
int test_dir_remove(void **state);

/* Removes what is in the directory. */
void test_dir_empty(const struct test_dir *td);

/* How many names there are in it, that of its lock left out. */
unsigned test_dir_names(const struct test_dir *td);

/* The name of the segment of pid with this id. */
const char *segment_name(uint32_t pid, uint64_t id);

/*
 * Makes and publishes the segment of a process, with the ops openat, pread,
 * pwrite, close (in this order) and the layer "latency". Its owner is alive
 * until segment_close().
 */
struct segment_writer *segment_make(const struct test_dir *td, uint32_t pid,
				    uint64_t id);

enum { OPENAT, PREAD, PWRITE, CLOSE };

/* A slot for a tree connect with one layer; see segment_slot(). */
struct slot_writer *slot_for(struct segment_writer *w, const char *share,
			     const char *user, const char *client);

/* As LATENCY_FRAME() of layer 1. */
#define OP_FRAME(op) LATENCY_FRAME(1, (op))

/* The node of request > op in a slot; op < 0: of the request itself. */
struct latency_node *node_of(struct slot_writer *s, unsigned request, int op);

/* Reads a segment that must be good. */
void image_read(const struct test_dir *td, const char *name,
		struct segment_image *image);

/* Adds up all nodes of an image, those of requests left out. */
void image_sum(const struct segment_image *image, struct row_sum *sum);

/*
 * Fails unless sum of histogram = count, min <= avg <= max, and the extremes
 * are in the buckets that say so.
 */
void check_consistent(const struct row_sum *sum);

/*
 * Walks all that an accepted image leads to, by its public functions, and
 * fails where it breaks its word.
 */
void check_image(const struct segment_image *image);

/* A snapshot of the directory as it is, without folding. */
struct snapshot *snapshot_as_is(const struct test_dir *td);

/* All that a snapshot has of this source, by these dimensions. */
struct table *table_of(const struct snapshot *snapshot,
		       enum table_source source, unsigned by);

#endif
