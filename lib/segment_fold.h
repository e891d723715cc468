/*
 * Folding: the segments of processes that have ended are added to the file of
 * the departed and removed.
 *
 * It survives crashes. Under the exclusive lock of the directory it makes a
 * new file of the departed: the old one plus the dead segments, with their
 * ids. The new file replaces the old one by rename(2); then the dead segments
 * are removed. Interrupted before the rename, folding has changed nothing;
 * interrupted after it, it leaves segments whose ids tell the next fold, and
 * every reader, that they are counted already.
 *
 * segment_merge.h says what keeps the departed bounded.
 *
 * Where no reader ever comes, smbds fold. No client must wait for that, so an
 * smbd that a client connects to folds only what takes less than 5 ms. The
 * rest is left to smbds that end, when their clients are gone, in steps that
 * keep no reader waiting for long. They fold when it is due: 10 s after the
 * last time plus 100 times as long as that took, and 5 minutes after a
 * failure. The mtime of the directory's lock says when.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_FOLD_H
#define SEGMENT_FOLD_H

#include <stdbool.h>

#include "latency_error.h"
#include "segment_merge.h"
#include "segment_reader.h"

/*
 * Bytes of segments and departed that take less than 5 ms to fold: measured by
 * tests/bench/fold_time, 1 to 2 ms at 2.5 GHz.
 */
#define SEGMENT_CHEAP_SIZE (512u << 10)

/*
 * Folds dead segments if it is due and nobody is at it; cheap: only those that
 * take no time. Returns false with *error if it failed.
 */
bool segment_fold_some(int dir, bool cheap, struct latency_error *error);

/*
 * Folds all dead segments. The caller holds the directory exclusively.
 * Segments that cannot be read are left alone; the readers report them.
 * Returns false with *error if the departed cannot be written.
 */
bool segment_fold_all(int dir, struct latency_error *error);

/* Is a segment of this id counted in these departed (NULL: none) already? */
bool departed_include(const struct segment_image *departed, uint64_t id);

#endif
