/*
 * How long calls are beside others: two histograms, their places and not the
 * means, which a few long calls decide.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ROW_SHIFT_H
#define ROW_SHIFT_H

#include <stdbool.h>

#include "row_sum.h"

struct row_shift {
	bool known;			/* there are 20 on either side */
	double apart_squared;		/* of the test of Mann and Whitney */
	double quartile[3];		/* longer_by(); [1] is the median */
};

struct row_shift row_shift_of(const struct row_sum *before,
			      const struct row_sum *after);

/* The least change of the quartiles; 0 where they do not go the same way. */
double row_shift_least(const struct row_shift *shift);

/*
 * In which part of all pairs a call of now is longer than one before, if those
 * before had taken `factor` times as long.
 */
double row_part_longer(const struct row_sum *before,
		       const struct row_sum *after, double factor);

/* 0.25: now is longer by a quarter of before; -0.25: before, of now. */
double longer_by(double before, double now);

/* now / before, of what longer_by() says. */
double ratio_of(double longer);

#endif
