/*
 * Copies what a process is doing: its times, and what is under way.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef NOW_READER_H
#define NOW_READER_H

#include "segment_reading.h"

/*
 * Copies the times, and since when the outermost op is under way: both of one
 * moment, if a long op ends meanwhile. See latency_now. The slots have been
 * copied.
 */
void time_read(struct reading *reading);

/*
 * Copies the requests and ops that are under way, all at image->now_ns. The
 * slots have been copied. Returns false after bad() if something makes no
 * sense.
 */
bool under_way_read(struct reading *reading);

#endif
