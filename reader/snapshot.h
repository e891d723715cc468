/*
 * A snapshot: a private, consistent copy of all segments of a directory, and
 * what is common to all ways to look at it: which slots are meant, whose
 * process they are of, when it all began.
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
#include <sys/types.h>

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
	snapshot_visitor visitor;	/* NULL: the images are kept whole */
	void *private_data;		/* of the visitor */
};

/*
 * Folds the dead and reads the rest of the segment directory. A segment that
 * is bad is left out and listed in problems. Returns NULL with *error, and
 * errno (ENOENT: there is no such directory), if nothing could be read at all.
 */
struct snapshot *snapshot_take(const char *directory,
			       struct latency_error *error);

/*
 * The same for a visitor (NULL: all images are kept whole): when it has seen
 * an image, this is stripped, but for the departed. So a thousand segments
 * need the memory, and the time to get it, of one.
 *
 * In *baseline (baseline NULL: not wanted) is what was counted when the
 * counters were last reset, NULL if they never were; see baseline.h.
 */
struct snapshot *snapshot_visit(const char *directory,
				snapshot_visitor visitor, void *private_data,
				struct snapshot **baseline,
				struct latency_error *error);

/* As snapshot_take(), of a directory that the caller holds exclusively. */
struct snapshot *snapshot_take_locked(int dir, struct latency_error *error);

void snapshot_free(struct snapshot *snapshot);

/*
 * Adds the segment `name`, or the problem with it; nothing if there is no such
 * file. Returns false if there is no memory.
 */
bool snapshot_add_segment(struct snapshot *snapshot, int dir,
			  const char *name);
bool snapshot_add_problem(struct snapshot *snapshot,
			  const struct latency_error *problem);

/* Which part of a snapshot is wanted; NULL or 0: all. */
struct filter {
	const char *share;
	const char *user;
	const char *client;
	pid_t pid;
};

/* Is this process wanted? The departed are nobody's process. */
bool filter_image(const struct filter *filter,
		  const struct segment_image *image);

/*
 * Is the name in a field of `size` bytes, see name.h, the one that is wanted
 * (NULL: any)? SMB's names of shares and Windows' names of users have no case;
 * nor do those of Unix users here, unless they are too long for the field.
 */
bool filter_name(const char *wanted, const char *field, size_t size);
bool filter_slot(const struct filter *filter, const struct latency_slot *slot);

/* What a report says of its sources. */
struct coverage {
	uint64_t since_realtime_ns;	/* UINT64_MAX: nothing is counted */
	unsigned processes;		/* alive */
	uint64_t departed;		/* processes that have ended */
	unsigned connected;		/* tree connects now */
	uint64_t tree_connects;		/* ever */
	uint64_t unmeasured;		/* ops for which there was no room */
	uint64_t latest_realtime_ns;	/* start of the latest process */
	char samba_version[64];		/* of that one; "" if none */
};

/* The coverage of nothing. */
void coverage_init(struct coverage *coverage);

/* Adds what the filter wants of an image. */
void coverage_add(struct coverage *coverage, const struct segment_image *image,
		  const struct filter *filter);

/*
 * Takes away what was before: what is left of departed, tree_connects and
 * unmeasured came in between. The rest is as it is now.
 */
void coverage_subtract(struct coverage *coverage,
		       const struct coverage *earlier);

/*
 * Where the wall clock of processes went: nanoseconds, of each process whole
 * microseconds, so that sums of what is shown add up. See latency_wall.h.
 */
struct wall_time {
	uint64_t wall_ns;		/* = sum of the parts and under_way_ns */
#define WALL_PART(name, label, brief, doc) uint64_t name##_ns;
#define WALL_CPU(name, label, mode, doc) uint64_t name##_ns;
#include "latency_wall.h"
	/*
	 * Work that has not ended, so that nobody knows yet which part it is
	 * of. It becomes a part later: this figure alone goes down again.
	 */
	uint64_t under_way_ns;
	uint64_t turns;			/* of the event loop */
	uint64_t waits;
};

/* What is added of a process that is alive, of the time since it last wrote. */
enum open_end {
	/*
	 * Nothing: what is settled. It never goes down, but is behind by up to
	 * a minute where nothing happens.
	 */
	OPEN_NOTHING,
	/*
	 * What is known: waiting, and a VFS call that takes long. It never
	 * goes down while the same processes live, so differences add up.
	 */
	OPEN_KNOWN,
	/* All: what is not known as under way. */
	OPEN_ALL,
};

/*
 * The sum over the processes that the filter's pid means; share, user and
 * client do not matter, since a process is timed as a whole.
 */
void snapshot_wall_time(const struct snapshot *snapshot,
			const struct filter *filter, enum open_end open_end,
			struct wall_time *time);

void wall_time_subtract(struct wall_time *time,
			const struct wall_time *earlier);

/* Name of an SMB2 opcode or of a root, by LATENCY_FRAME_OP; "?" if unknown. */
const char *root_name(unsigned op);

/* Name of what a frame of this segment is of: an op, an opcode, a root. */
const char *frame_name(const struct latency_header *h, uint16_t frame);

#endif
