/*
 * A snapshot: a private, consistent copy of all segments of a directory.
 *
 * Everything in a snapshot only ever grows from one snapshot of a directory
 * to the next, so that what happened in between is their difference. For that,
 * sum both in the same way, then subtract; see table.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SNAPSHOT_H
#define SNAPSHOT_H

#include <stdbool.h>
#include <stdint.h>

#include "held_dir.h"
#include "latency_error.h"
#include "segment_reader.h"

struct snapshot;

/*
 * Is shown each image as it is read, the departed first, and may change it.
 * Returns false if there is no memory.
 */
typedef bool (*snapshot_visitor)(const struct snapshot *snapshot,
				 struct segment_image *image,
				 void *private_data);

struct snapshot {
	uint64_t taken_realtime_ns;	/* when; CLOCK_REALTIME */
	uint64_t taken_monotonic_ns;	/* the same; CLOCK_MONOTONIC */
	struct segment_image *images;	/* of the departed, then of processes */
	unsigned image_count;
	struct latency_error *problems;	/* segments that could not be read */
	unsigned problem_count;
	bool baseline;			/* as of a reset, see baseline.h */
	bool with_files;		/* the images have their lists */
	snapshot_visitor visitor;	/* NULL: the images are kept whole */
	void *private_data;		/* of the visitor */
};

/*
 * Folds the dead, if the directory is held exclusively, and reads the rest. A
 * segment that is bad is left out and listed in problems. When the visitor
 * (NULL: all images are kept whole) has seen an image, this is stripped, but
 * for the departed. So a thousand segments need the memory, and the time to
 * get it, of one. how: SNAPSHOT_, or'ed.
 *
 * Returns NULL with *error and errno if nothing could be read at all.
 */
#define SNAPSHOT_SHARE 1u  /* others may read as soon as the dead are folded */
#define SNAPSHOT_FILES 2u  /* with the files that slots list: 32 KiB each */

struct snapshot *snapshot_read(struct held_dir *held, unsigned how,
			       snapshot_visitor visitor, void *private_data,
			       struct latency_error *error);

/*
 * The same of a directory that is held just for that. errno as of
 * held_dir_open().
 */
struct snapshot *snapshot_visit(const char *directory,
				snapshot_visitor visitor, void *private_data,
				struct latency_error *error);

/* The same, all images being kept whole. */
struct snapshot *snapshot_take(const char *directory,
			       struct latency_error *error);

/*
 * That of a directory that is not there yet, before the first client has come.
 * Returns NULL if there is no memory.
 */
struct snapshot *snapshot_of_nothing(void);

void snapshot_free(struct snapshot *snapshot);

/*
 * Adds the segment `name`, or the problem with it; nothing if there is no such
 * file. Returns false if there is no memory.
 */
bool snapshot_add_segment(struct snapshot *snapshot, int dir,
			  const char *name);
/* Adds an image, which is the snapshot's then. */
bool snapshot_add_image(struct snapshot *snapshot,
			const struct segment_image *image);
bool snapshot_add_problem(struct snapshot *snapshot,
			  const struct latency_error *problem);

#endif
