/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "comparison.h"
#include "row_shift.h"

#define DEVIATIONS_APART 4.0
#define LONGER_LEAST 0.85
#define LONGER_BY_LEAST 0.1
#define TWICE_AS_LONG 1.0
#define SPREADS_APART 2.0
#define ROWS_MANY 16u		/* so many tell how much they differ */
#define PART_LEAST 0.2		/* of what a row takes */

/* Of normally distributed values: the median deviation is 1 / that of one. */
#define DEVIATIONS_OF_MEDIAN 1.4826

/* What the rows differ by, whatever is different in one of them. */
struct drift {
	double *medians;		/* of shifts, sorted */
	unsigned count;
	double middle;			/* of them; 0 if there are none */
	double spread;			/* as a standard deviation */
};

static double size_of(double change)
{
	return change < 0 ? -change : change;
}

/* All that its calls took, ns; see change.before_ns. */
static double time_of(const struct table *table, const struct group *g)
{
	return (double)(table_source(table) == TABLE_OPS ? g->self_ns :
			g->sum.total_ns);
}

/* What a row takes, the mean of then and now, ns. */
static double mean_time(const struct table *table, const struct change *c)
{
	return (time_of(table, c->before) + time_of(table, c->after)) / 2;
}

static int compare_numbers(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* The middle of sorted numbers, one of them left out; none: UINT_MAX. */
static double middle_without(const double *sorted, unsigned count,
			     unsigned left_out)
{
	unsigned rest = count - (left_out < count), high = rest / 2;
	unsigned low = rest == 0 ? 0 : (rest - 1) / 2;

	if (rest == 0) {
		return 0;
	}
	return (sorted[low + (low >= left_out)] +
		sorted[high + (high >= left_out)]) / 2;
}

/* usual: what a row takes, ns; those that take little are left out. */
static bool find_drift(const struct table *table, const struct change *changes,
		       const struct row_shift *shifts, unsigned count,
		       double usual, struct drift *drift)
{
	double *apart = malloc((count + 1) * sizeof(*apart));
	unsigned i;

	drift->medians = malloc((count + 1) * sizeof(*drift->medians));
	drift->count = 0;
	if (apart == NULL || drift->medians == NULL) {
		free(drift->medians);
		free(apart);
		return false;
	}
	for (i = 0; i < count; i++) {
		if (shifts[i].known &&
		    mean_time(table, &changes[i]) >= PART_LEAST * usual) {
			drift->medians[drift->count++] = shifts[i].quartile[1];
		}
	}
	qsort(drift->medians, drift->count, sizeof(*apart), compare_numbers);
	drift->middle = middle_without(drift->medians, drift->count, UINT_MAX);
	for (i = 0; i < drift->count; i++) {
		apart[i] = size_of(longer_by(ratio_of(drift->middle),
					     ratio_of(drift->medians[i])));
	}
	qsort(apart, drift->count, sizeof(*apart), compare_numbers);
	/* Two differ by half of that from their middle, each. */
	drift->spread = drift->count < 3 ? 0 : DEVIATIONS_OF_MEDIAN *
		middle_without(apart, drift->count, UINT_MAX);
	/* Few may differ by little by chance. */
	if (drift->count < ROWS_MANY && drift->count != 0) {
		drift->spread *= (double)ROWS_MANY / drift->count;
	}
	free(apart);
	return true;
}

/* How many times as long the other rows take, if they go the same way. */
static double ratio_of_others(const struct drift *drift,
			      const struct row_shift *shift)
{
	double others;
	unsigned own = 0;

	while (own < drift->count &&
	       drift->medians[own] < shift->quartile[1]) {
		own++;
	}
	others = middle_without(drift->medians, drift->count, own);
	/* Nothing is faster because they have become slower. */
	return others * shift->quartile[1] > 0 ? ratio_of(others) : 1;
}

/* See change.marked. usual: what a row takes, ns. */
static bool is_marked(const struct change *c, const struct row_shift *shift,
		      const struct drift *drift, double usual)
{
	double least = row_shift_least(shift), others, beyond, longer;

	if (!shift->known ||
	    shift->apart_squared <= DEVIATIONS_APART * DEVIATIONS_APART ||
	    size_of(least) <= LONGER_BY_LEAST || c->change_ns * least <= 0 ||
	    size_of(c->change_ns) < PART_LEAST * usual) {
		return false;
	}
	others = ratio_of_others(drift, shift);
	beyond = longer_by(others, ratio_of(least));
	if (beyond * least <= 0 || size_of(beyond) <= LONGER_BY_LEAST ||
	    size_of(beyond) <= SPREADS_APART * drift->spread) {
		return false;
	}
	longer = row_part_longer(&c->before->sum, &c->after->sum, others);
	return size_of(beyond) >= TWICE_AS_LONG ||
		(least > 0 ? longer : 1 - longer) >= LONGER_LEAST;
}

static double average(const struct table *table, const struct group *g)
{
	return g->sum.count == 0 ? 0 :
		time_of(table, g) / (double)g->sum.count;
}

static void set(struct change *c, const struct table *table,
		const struct group *before, const struct group *after)
{
	double calls = (double)after->sum.count;

	c->before = before;
	c->after = after;
	c->before_ns = average(table, before);
	c->after_ns = average(table, after);
	if (after->sum.count == 0) {
		calls = (double)before->sum.count;
	}
	c->change_ns = (c->after_ns - c->before_ns) * calls;
	c->marked = false;
}

/*
 * What a row takes on average, then and now; the largest one left out, which
 * may be one that does nothing but wait.
 */
static double usual_time(const struct table *table,
			 const struct change *changes, unsigned count)
{
	double sum = 0, largest = 0;
	unsigned i;

	for (i = 0; i < count; i++) {
		double time = mean_time(table, &changes[i]);

		sum += time;
		largest = time > largest ? time : largest;
	}
	return count < 2 ? 0 : (sum - largest) / (count - 1);
}

static bool mark(const struct table *table, struct comparison *c)
{
	struct change *changes = c->changes;
	const unsigned count = c->count;
	double usual = usual_time(table, changes, count);
	struct row_shift *shifts = malloc((count + 1) * sizeof(*shifts));
	struct drift drift;
	unsigned i;

	if (shifts == NULL) {
		return false;
	}
	for (i = 0; i < count; i++) {
		shifts[i] = row_shift_of(&changes[i].before->sum,
				     &changes[i].after->sum);
	}
	if (!find_drift(table, changes, shifts, count, usual, &drift)) {
		free(shifts);
		return false;
	}
	for (i = 0; i < count; i++) {
		changes[i].marked = is_marked(&changes[i], &shifts[i], &drift,
					      usual);
	}
	c->median_ratio = drift.count < 3 ? 0 : ratio_of(drift.middle);
	free(drift.medians);
	free(shifts);
	return true;
}

static int compare(const void *a, const void *b)
{
	const struct change *x = a, *y = b;
	double p = size_of(x->change_ns), q = size_of(y->change_ns);
	int order = 0;
	unsigned d;

	if (p > q || p < q) {
		return p > q ? -1 : 1;
	}
	for (d = 0; d < DIMENSIONS && order == 0; d++) {
		order = strcmp(group_name(x->after, d),
			       group_name(y->after, d));
	}
	return order;
}

/* Gives a table the groups of another one. */
static bool complete(struct table *table, const struct table *other)
{
	unsigned i;

	for (i = 0; i < table_count(other); i++) {
		if (table_group(table, group_names(table_at(other, i))) ==
		    NULL) {
			return false;
		}
	}
	return true;
}

bool comparison_make(struct table *before, struct table *after,
		     struct comparison *c)
{
	unsigned i;

	memset(c, 0, sizeof(*c));
	if (!complete(before, after) || !complete(after, before)) {
		return false;
	}
	c->changes = calloc(table_count(after) + 1, sizeof(*c->changes));
	if (c->changes == NULL) {
		return false;
	}
	c->count = table_count(after);
	for (i = 0; i < c->count; i++) {
		const struct group *g = table_at(after, i);

		set(&c->changes[i], after, table_group(before, group_names(g)),
		    g);
	}
	if (!mark(after, c)) {
		free(c->changes);
		return false;
	}
	qsort(c->changes, c->count, sizeof(*c->changes), compare);
	return true;
}
