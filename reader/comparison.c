/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "comparison.h"

#define CALLS_LEAST 20u
#define DEVIATIONS_APART 4.0
#define QUARTILES_APART 1.25

/*
 * The test of Mann and Whitney: by how many standard deviations more often
 * than not a call of now is longer than one before, squared. Calls of the same
 * bucket are as long as each other. No matter how long the longest ones are.
 */
static double apart_squared(const struct row_sum *before,
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

static double mean_of(const struct row_sum *sum)
{
	return sum->count == 0 ? 0 :
		(double)sum->total_ns / (double)sum->count;
}

/* Is each of them that much more than the other? */
static bool are_longer(const double longer[3], const double shorter[3])
{
	unsigned i;

	for (i = 0; i < 3; i++) {
		if (longer[i] <= shorter[i] * QUARTILES_APART) {
			return false;
		}
	}
	return true;
}

static void quartiles(const struct row_sum *sum, double quartile[3])
{
	unsigned i;

	for (i = 0; i < 3; i++) {
		quartile[i] = (double)row_sum_percentile(sum, 250 * (i + 1));
	}
}

/* See change.marked. */
static bool change_is_real(const struct row_sum *before,
			   const struct row_sum *after)
{
	double then[3], now[3];

	if (before->count < CALLS_LEAST || after->count < CALLS_LEAST ||
	    apart_squared(before, after) <=
	    DEVIATIONS_APART * DEVIATIONS_APART) {
		return false;
	}
	quartiles(before, then);
	quartiles(after, now);
	return are_longer(now, then) || are_longer(then, now);
}

static double average(const struct table *table, const struct group *g)
{
	if (g->sum.count == 0) {
		return 0;
	}
	return table_source(table) == TABLE_OPS ?
		(double)g->self_ns / (double)g->sum.count : mean_of(&g->sum);
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
	c->marked = change_is_real(&before->sum, &after->sum);
}

static double size_of(double change)
{
	return change < 0 ? -change : change;
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
		     struct change **changes, unsigned *count)
{
	unsigned i;

	*count = 0;
	*changes = NULL;
	if (!complete(before, after) || !complete(after, before)) {
		return false;
	}
	*changes = calloc(table_count(after) + 1, sizeof(**changes));
	if (*changes == NULL) {
		return false;
	}
	*count = table_count(after);
	for (i = 0; i < *count; i++) {
		const struct group *g = table_at(after, i);

		set(&(*changes)[i], after,
		    table_group(before, group_names(g)), g);
	}
	qsort(*changes, *count, sizeof(**changes), compare);
	return true;
}
