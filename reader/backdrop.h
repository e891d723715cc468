/*
 * Reports on what a follower has followed.
 *
 * A report on an interval is made of those in whom something happened. What it
 * tells of the others, too, is remembered here: which groups there were, and
 * the extremes of their calls, within which those of the interval must lie;
 * where else calls were made, in the tree; which shares there are, of which
 * modules.
 *
 * Limitation: it knows that still of up to a thousand processes that have
 * ended.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef BACKDROP_H
#define BACKDROP_H

#include "follower.h"
#include "report.h"

struct backdrop;

/* Of nothing. Returns NULL if there is no memory. */
struct backdrop *backdrop_new(const struct report_options *options);
void backdrop_free(struct backdrop *backdrop);

/*
 * To be called after each reading, the mark being the same each time. Returns
 * false if there is no memory.
 */
bool backdrop_update(struct backdrop *backdrop,
		     const struct follower *follower, enum follower_mark mark);

/*
 * The report on what happened since the mark, as report_make() makes it of
 * whole snapshots. moves: the mark will be set to this reading before the next
 * one. Returns NULL if there is no memory; *pair is to be freed after the
 * report.
 */
struct report *backdrop_report(struct backdrop *backdrop,
			       const struct follower *follower,
			       enum follower_mark mark, bool moves,
			       struct follower_pair **pair);

/* The same without a backdrop: takes as long as there are segments. */
struct report *report_since(const struct report_options *options,
			    const struct follower *follower,
			    enum follower_mark mark,
			    struct follower_pair **pair);

#endif
