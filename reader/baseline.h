/*
 * Counting from a reset on, without touching a counter.
 *
 * A reset stores what has been counted so far, and reports since start show
 * what came on top of it. So the counters themselves only ever grow, and what
 * takes differences of them (another reader, Prometheus) loses nothing.
 *
 * A baseline is a snapshot kept in the segment directory: for a process, and
 * for the departed, a file of the form of a segment (without slow ops) that
 * holds its counters as of the reset, also those of files; of tree connects
 * only those that had ended. start_realtime_ns in it is the time of the reset,
 * 0 if there was none of it as a whole. When a process has ended, its baseline
 * is added to that of the departed, crash-safe as in segment_fold.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef BASELINE_H
#define BASELINE_H

#include "filter.h"
#include "held_dir.h"
#include "snapshot.h"

#define BASELINE_NAME "smbd-%u-%016llx.baseline"	/* pid, id */
#define BASELINE_SUFFIX ".baseline"
#define BASELINE_DEPARTED_NAME "departed.baseline"
#define BASELINE_NEW_NAME "baseline.new"

/*
 * Everything (pid 0), or this process, counts from now on. Returns false with
 * *error; ESRCH in errno: no segment is this process's.
 */
bool baseline_reset(const char *directory, pid_t pid,
		    struct latency_error *error);

/*
 * The baseline of a snapshot that has just been taken of the directory that is
 * held; if exclusively, baselines of processes that have ended are added up. It
 * is *baseline, NULL if nothing was ever reset, to be freed by snapshot_free().
 * Files that are bad are added to the problems of the snapshot. Returns false
 * with *error if there is no memory.
 */
bool baseline_read(const struct held_dir *held, struct snapshot *snapshot,
		   struct snapshot **baseline, struct latency_error *error);

/* Is this the name of a baseline in a segment directory? */
bool baseline_is(const char *name);

/* Since when an image counts that has this baseline: CLOCK_REALTIME in ns. */
uint64_t baseline_image_since(const struct segment_image *image,
			      const struct snapshot *baseline);

/* The same of a snapshot; UINT64_MAX if nothing is counted. */
uint64_t baseline_since(const struct snapshot *snapshot,
			const struct snapshot *baseline,
			const struct filter *filter);

#endif
