/*
 * Segments made by hand, and what the diagnosis makes of them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DIAGNOSED_H
#define DIAGNOSED_H

#include "diagnosis.h"
#include "unit.h"

#define READ 8u
#define MS 1000000u

struct made {
	struct segment_writer *w;
	struct slot_writer *slot;
};

/* A process that is at work, with a slot of alice@192.0.2.7. */
struct made make(const struct test_dir *td, uint32_t pid);

/* Reads that took so many ns each, and nothing beside them. */
void read_slowly(struct made *m, unsigned calls, uint64_t ns);

/* What has been counted until now, diagnosed. */
void look(const struct test_dir *td, struct account *a, struct diagnosis *d);

/* Fails unless this cause is the first one, and a main one. */
void assert_first(const struct diagnosis *d, const char *cause);

/* NULL: it is not among the findings. */
const struct finding *finding_of(const struct diagnosis *d, const char *cause);

#endif
