/*
 * Slow ops: an op that took as long as the threshold of its layer, or longer,
 * goes into the ring of the segment and into smbd's log.
 *
 * One event, one entry: what makes an op slow makes the ops around it slow as
 * well, in each layer. An op is new only if the time in it that no slow op
 * within has taken reaches the threshold; the entry says which ops were around
 * it. The same goes for the request (request_count.c): it is kept if it was
 * slow apart from the slow ops in it.
 *
 * All of this is done when a slow op ends; other ops pay nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SLOW_OP_H
#define SLOW_OP_H

#include "place.h"

#pragma GCC visibility push(hidden)

/*
 * An op of this place, on path, begun at start (as place_begun(); of a pair: in
 * ns), has ended after ns, its layer's threshold or more. Is that new? Then the
 * ops around it know from now on. A synchronous op is current no more.
 */
bool slow_op_is_new(const struct place *place, uint64_t start, uint64_t ns,
		    struct op_path path);

/* Puts it into the ring and the log. path may be NULL. */
void slow_op_keep(const struct place *place, uint64_t ns, uint32_t error,
		  const char *path);

#pragma GCC visibility pop

#endif
