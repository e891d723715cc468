/*
 * What the tests share in which a reader, which may be smbd itself while it
 * folds, meets what somebody planted, or what a broken disk made of a segment:
 * it neither crashes nor believes it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HOSTILE_H
#define HOSTILE_H

#include "segment_fold.h"
#include "unit.h"

#define PID 4194000u		/* of nobody: above the usual pid_max */
#define ID 7u

/* A good segment as bytes, to be spoilt. */
struct good {
	unsigned char *data;
	size_t size;
	struct segment_image image;
};

extern struct good good;

/*
 * cmocka setup and teardown of a group. The good segment has one of everything:
 * two slots, many nodes, errors in chains, slow ops, connections.
 */
int good_make(void **state);
int good_free(void **state);

/* Writes the file; its descriptor. */
int plant(const struct test_dir *td, const char *name,
	  const unsigned char *data, size_t size);

/* All that a reader does with a snapshot. */
void use_snapshot(const struct snapshot *s);

/* Reads the planted file as it is; if it is bad, *error names it. */
enum segment_state read_planted(const struct test_dir *td, const char *name,
				struct latency_error *error);

/* The same, and all else that a reader does; it folds unless it is owned. */
enum segment_state meet(const struct test_dir *td, const char *name,
			struct latency_error *error);

/* Spoils a copy of the good segment; the reader's complaint has these words. */
void spoil_and_meet(void **state, size_t offset, const void *bytes, size_t size,
		    const char *complaint);
void spoil_u32(void **state, size_t offset, uint32_t value,
	       const char *complaint);
void spoil_u16(void **state, size_t offset, uint16_t value,
	       const char *complaint);

#define HEADER(field) offsetof(struct latency_header, field)

/* Where in the file a thing of the good image is. */
size_t offset_of(const void *thing);

const struct latency_slot *first_slot(void);

/* A node of the first slot that has octaves and a chain of errors. */
const struct latency_node *full_node(void);

/* The line of one of its octaves, which is number *which. */
uint32_t any_octave(const struct latency_node *node, unsigned *which);

#endif
