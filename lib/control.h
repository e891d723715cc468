/*
 * Tells running smbds what to measure, by struct latency_control in their
 * segments, and future ones by the file `control` in the segment directory,
 * which holds one such struct.
 *
 * An smbd reads the file after it has made its segment and before it publishes
 * it. A change for all writes the file first, then goes through the segments
 * and waits for those that are not published yet; so it misses none. Meanwhile
 * it holds the directory exclusively: changes come one after the other, and the
 * file and all segments agree on the last one.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CONTROL_H
#define CONTROL_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "latency_error.h"
#include "latency_format.h"

#define CONTROL_NAME "control"
#define CONTROL_NEW_NAME "control.new"

struct control_change {
	bool set_off;
	bool off;
	bool set_slow;
	bool slow_from_conf;		/* as smb.conf says */
	uint32_t slow_ms;		/* else this; 0: none */
};

/*
 * Makes the change in the process pid, or with 0 in all there are and will be.
 * Returns false with *error; ESRCH in errno: no segment is this process's.
 */
bool control_change(const char *directory, pid_t pid,
		    const struct control_change *change,
		    struct latency_error *error);

/*
 * Asks the process of a segment that is open for writing to trace up to this
 * second of CLOCK_MONOTONIC. Returns false with errno.
 */
bool control_trace(int fd, uint32_t until_s);

/* What new segments in this directory start with; zero if nothing is set. */
void control_inherit(int dir, struct latency_control *control);

#endif
