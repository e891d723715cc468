/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "row_shift.h"

#define CALLS_LEAST 20u

/*
 * The test of Mann and Whitney: by how many standard deviations more often than
 * not a call of now is longer than one before, squared. Calls of the same
 * bucket are as long as each other. No matter how long the longest ones are.
 */
static double mann_whitney(const struct row_sum *before,
			    const struct row_sum *after)
{
	double n = (double)before->count, m = (double)after->count;
	double all = n + m, below = 0, wins = 0, ties = 0, off, variance;
	unsigned i;

	for (i = 0; i < HIST_BUCKETS; i++) {
		double then = (double)before->histogram[i];
		double now = (double)after->histogram[i];
		double both = then + now;

		wins += now * (below + then / 2);
		below += then;
		ties += both * both * both - both;
	}
	off = wins - n * m / 2;
	variance = n * m / 12 * (all + 1 - ties / (all * (all - 1)));
	return variance > 0 ? off * off / variance : 0;
}

/* Durations anywhere between two. */
struct range {
	double low, high;
};

static struct range range_of(unsigned bucket, double factor)
{
	double low = (double)hist_lower(bucket) * factor;

	return (struct range){
		.low = low,
		.high = bucket + 1 < HIST_BUCKETS ?
			(double)hist_upper(bucket) * factor : low * 2,
	};
}

/* How long those of a range that are below x are below it, on average. */
static double is_below(const struct range *r, double x)
{
	double width = r->high - r->low;

	if (x <= r->low) {
		return 0;
	}
	return x >= r->high ? x - r->high + width / 2 :
		(x - r->low) * (x - r->low) / (2 * width);
}

/* How likely one of `now` is longer than one of `then`. */
static double chance_longer(const struct range *now, const struct range *then)
{
	return (is_below(then, now->high) - is_below(then, now->low)) /
		(now->high - now->low);
}

double row_part_longer(const struct row_sum *before,
			  const struct row_sum *after, double factor)
{
	double longer = 0;
	unsigned i, j;

	for (i = 0; i < HIST_BUCKETS; i++) {
		struct range now = range_of(i, 1);

		for (j = 0; after->histogram[i] != 0 && j < HIST_BUCKETS; j++) {
			struct range then = range_of(j, factor);

			longer += before->histogram[j] == 0 ? 0 :
				(double)after->histogram[i] *
				(double)before->histogram[j] *
				chance_longer(&now, &then);
		}
	}
	return longer / ((double)before->count * (double)after->count);
}

/* What this part of the calls did not exceed; within a bucket interpolated. */
static double quantile(const struct row_sum *sum, double part)
{
	double wanted = part * (double)sum->count, below = 0;
	unsigned i;

	for (i = 0; i + 1 < HIST_BUCKETS; i++) {
		double here = (double)sum->histogram[i];

		if (here > 0 && below + here >= wanted) {
			double low = (double)hist_lower(i);

			return low + ((double)hist_upper(i) - low) *
				(wanted - below) / here;
		}
		below += here;
	}
	return (double)hist_lower(i);
}

double longer_by(double before, double now)
{
	return now >= before ? now / before - 1 : 1 - before / now;
}

double ratio_of(double longer)
{
	return longer >= 0 ? 1 + longer : 1 / (1 - longer);
}

struct row_shift row_shift_of(const struct row_sum *before,
			     const struct row_sum *after)
{
	struct row_shift shift = { .known = before->count >= CALLS_LEAST &&
				       after->count >= CALLS_LEAST };
	unsigned i;

	if (!shift.known) {
		return shift;
	}
	shift.apart_squared = mann_whitney(before, after);
	for (i = 0; i < 3; i++) {
		double part = 0.25 * (i + 1);

		/* Nothing is a part of 0 ns. */
		shift.quartile[i] = longer_by(quantile(before, part) + 1,
					      quantile(after, part) + 1);
	}
	return shift;
}

double row_shift_least(const struct row_shift *shift)
{
	double least = shift->quartile[0];
	unsigned i;

	for (i = 1; i < 3; i++) {
		double other = shift->quartile[i];

		if (other * least <= 0) {
			return 0;
		}
		least = (other < least) == (least > 0) ? other : least;
	}
	return least;
}
