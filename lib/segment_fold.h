/*
 * Folding: the segments of processes that have ended are added to the file of
 * the departed and removed.
 *
 * Crash-safe. Under the exclusive lock of the directory a new file of the
 * departed is made: the old one plus the dead segments, with the ids of these.
 * It replaces the old one by rename(2); then the dead segments are removed.
 * Who is interrupted before the rename has changed nothing; who is interrupted
 * after it leaves segments whose ids tell the next one, and every reader, that
 * they are counted already.
 *
 * The departed are kept by share, user and client. They get at most
 * DEPARTED_SLOTS slots; who comes after that is counted under its share with
 * user and client "(others)".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_FOLD_H
#define SEGMENT_FOLD_H

#include <stdbool.h>

#include "latency_error.h"
#include "segment_reader.h"

#define DEPARTED_SLOTS 256
#define DEPARTED_OTHERS "(others)"

/*
 * For a process that has better things to do: folds a few segments, if nobody
 * has done so in the last seconds and nobody is at it. What goes wrong is left
 * for a reader to find.
 */
void segment_fold_some(int dir);

/*
 * Folds all dead segments. The caller holds the directory exclusively.
 * Segments that cannot be read are left alone; the readers report them.
 * Returns false with *error if the departed cannot be written.
 */
bool segment_fold_all(int dir, struct latency_error *error);

/*
 * Adds all of an image to a file of the departed that is being made. Returns
 * false if there is no room.
 */
struct segment_writer;
bool segment_merge(struct segment_writer *to,
		   const struct segment_image *image);

/* Is a segment of this id counted in these departed (NULL: none) already? */
bool departed_include(const struct segment_image *departed, uint64_t id);

#endif
