/*
 * A process whose counters a test sets, and a recorder that is told the time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef RECORDED_H
#define RECORDED_H

#include "history_record.h"
#include "segment_writer.h"

#define S ((uint64_t)1000000000)
#define NOON (UINT64_C(1796040000) * S)	/* of some day */
#define HOUR (3600 * S)

/* A process in private memory, yet to be published. */
struct segment_writer *recorded_process(void);

/* Opens a history of intervals of 10 s, kept as said. */
void recorder_open(struct history_recorder *recorder, const char *name,
		   const char *keep);

void recorder_close(struct history_recorder *recorder);

/* Records all that the process has counted, at a time of both clocks. */
void recorder_record(struct history_recorder *recorder,
		     const struct segment_writer *process,
		     uint64_t realtime_ns, uint64_t monotonic_ns);

#endif
