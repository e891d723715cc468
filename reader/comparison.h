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
	 * does other things, too, and not always the same. Of a row there are
	 * 20 calls on either side, and they differ by more than four standard
	 * deviations of the test of Mann and Whitney. That takes each call for
	 * one by itself, but all of a time may be longer. So beside that:
	 * - the quartiles and the median have each become longer, or each
	 *   shorter, by a tenth, and that beyond what the other rows have
	 *   become (their median), and by twice what these differ by (the
	 *   median deviation, as a standard deviation; of fewer than 16 rows
	 *   the more, the fewer they are);
	 * - beyond that, a call of now is longer in 17 of 20 pairs with one
	 *   before, or each quartile has doubled; or shorter, or halved;
	 * - all of the change is a fifth of what a row takes on average, the
	 *   largest one left out: what takes next to nothing varies most. Rows
	 *   below that do not count among the others, either.
	 */
	bool marked;
};

struct comparison {
	struct change *changes;		/* the largest first; to be freed */
	unsigned count;
	/*
	 * How many times as long the calls of the rows take, the median of the
	 * rows with enough calls that take some time; 0: there are not three.
	 */
	double median_ratio;
};

/*
 * Compares tables of the same kind. Each gets the groups that only the other
 * has. Returns false if there is no memory; then nothing is to be freed.
 */
bool comparison_make(struct table *before, struct table *after,
		     struct comparison *comparison);

#endif
