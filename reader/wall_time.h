/*
 * Where the wall clock of the processes of a snapshot went.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WALL_TIME_H
#define WALL_TIME_H

#include <stdint.h>

#include "filter.h"
#include "snapshot.h"

/*
 * Where the wall clock of processes went: nanoseconds, of each process whole
 * microseconds, so that sums of what is shown add up. See latency_wall.h.
 */
struct wall_time {
	uint64_t wall_ns; /* = sum of the parts and under_way_ns */
#define WALL_PART(name, label, brief, doc) uint64_t name##_ns;
#define WALL_CPU(name, label, mode, doc) uint64_t name##_ns;
#define WALL_WORK(name, label, state, doc) uint64_t name##_ns;
#include "latency_wall.h"
	/*
	 * Work that has not ended, so that nobody knows yet which part it is
	 * of. It becomes a part later: this figure alone goes down again.
	 */
	uint64_t under_way_ns;
	uint64_t turns;			/* of the event loop */
	uint64_t waits;
#define WALL_COUNT(name, label, doc) uint64_t name;
#include "latency_wall.h"
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

#endif
