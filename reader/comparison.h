/*
 * Two tables side by side: what took longer, or less long, than before.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef COMPARISON_H
#define COMPARISON_H

#include "table.h"

/* A group of both; one of nothing where it was in one table only. */
struct change {
	const struct group *before;
	const struct group *after;
	/*
	 * What a call took on average, ns: of requests all of it, of ops the
	 * self time, so that a slow op is not in all those around it, too.
	 */
	double before_ns;
	double after_ns;
	/*
	 * By how much that has changed, times the calls there are now; of what
	 * is new, or there no more, all that it took. ns.
	 */
	double change_ns;
	/*
	 * More than what two runs of the same load differ by, on a machine that
	 * does other things, too: there are 20 calls on either side, they
	 * differ by more than four standard deviations of the test of Mann and
	 * Whitney, and the lower quartile, the median and the upper quartile
	 * have each become longer, or each shorter, by more than a quarter.
	 */
	bool marked;
};

/*
 * Compares tables of the same kind, the largest change first. Each gets the
 * groups that only the other has. *changes is to be freed. Returns false if
 * there is no memory.
 */
bool comparison_make(struct table *before, struct table *after,
		     struct change **changes, unsigned *count);

#endif
