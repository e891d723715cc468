/*
 * This smbd process: its segment, the layers of all its tree connects, and
 * whether ops may take the short way.
 *
 * It asks nobody above: that an event loop is traced, and that this is a forked
 * child, it is told.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PROCESS_H
#define PROCESS_H

#include "module.h"
#include "latency_probes.h"
#include "place.h"

#pragma GCC visibility push(hidden)

/*
 * The segment of this process, NULL if there is none (yet): nothing was
 * connected, or it could not be made, or this is a forked child.
 */
extern struct segment_writer *latency_segment;

/* ---------------------------- the mode of ops ---------------------------- */

/*
 * Why an op cannot take the short way, as bits; 0: it can. Brought up to date
 * by op_mode_update() whenever smbd has waited. As long as there is another bit
 * than these two, no place knows its children: OP_MODE_NO_TSC, and
 * OP_MODE_TRACE, with which an op ends the long way but begins as usual.
 */
#define OP_MODE_OFF 1u		/* switched off */
#define OP_MODE_PROBES 2u	/* somebody listens to the probes of ops */
#define OP_MODE_UNTRACED 4u	/* no event loop that would update this */
#define OP_MODE_NO_TSC 8u	/* time does not come from the TSC */
#define OP_MODE_TRACE 16u	/* what ends is written to the trace */

extern unsigned op_mode;

/* Checks the switches, the listeners to probes, and the source of time. */
void op_mode_update(void);

/*
 * Would op_mode_update() find something after a wait? What is not checked here
 * is changed by the module itself, which then calls it.
 */
static inline bool op_mode_is_due(const struct latency_control *control)
{
	return unlikely(op_mode != 0) ||
		unlikely((word_read(&control->off) |
			  word_read(&control->trace_until)) != 0) ||
		PROBE_IS_ON(vfs_latency, op_entry) ||
		PROBE_IS_ON(vfs_latency, op_return);
}

/* Is nothing measured now? */
static inline bool op_mode_is_off(void)
{
	return op_mode & OP_MODE_OFF;
}

/* -------------------------------- layers --------------------------------- */

/* The layer of this number of a slot, made if need be; NULL: no memory. */
struct layer *layer_of(struct slot_writer *slot, unsigned number);

/* Takes over the threshold of slow ops that is in force now. */
void layer_update(struct layer *layer);

/* A request of a slot that takes as long is slow: the least of its layers. */
uint64_t slot_slow_ns(const struct slot_writer *slot);

/* -------------------------------- process -------------------------------- */

/* The segment has been made and published. */
void process_set_segment(struct segment_writer *w);

/* From now on an event loop is traced that calls op_mode_update(). */
void process_is_traced(void);

/*
 * What is due once a second: passes on to readers how long a tick is, and takes
 * over what they have set. May find room again.
 */
void process_maintain(void);

/* Says in smbd's log, once, what is wrong with the segment. */
void process_log_trouble(void);

/*
 * In a forked child: the segment is the parent's. Ops under way end in memory
 * that nobody sees.
 */
void process_forget(void);

#pragma GCC visibility pop

#endif
