/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "backdrop.h"
#include "table_add.h"

/*
 * So many processes that have ended are not too many to be remembered. If only
 * one is asked for, that matters at once, and is quick.
 */
#define GONE_FEW 1000

struct backdrop {
	struct report_options options;
	struct report *seen;	/* of which the counts tell nothing */
	unsigned long gone;	/* when it was made */
	unsigned long merges;	/* likewise */
};

struct backdrop *backdrop_new(const struct report_options *options)
{
	struct backdrop *b = calloc(1, sizeof(*b));

	if (b != NULL) {
		b->options = *options;
	}
	return b;
}

void backdrop_free(struct backdrop *b)
{
	if (b != NULL) {
		report_free(b->seen);
		free(b);
	}
}

/* -------------------------- giving and learning -------------------------- */

/* Of one process nobody else tells anything; the pid may be another's later. */
static bool is_of_one(const char *const names[DIMENSIONS])
{
	return names[BY_PROCESS][0] != '\0' &&
		strcmp(names[BY_PROCESS], TABLE_DEPARTED) != 0;
}

/*
 * Gives groups the extremes of the same groups elsewhere. Where there are any,
 * there was something before.
 */
static bool give_table(const struct table *seen, struct table *before,
		       struct table *after)
{
	unsigned i;

	for (i = 0; after != NULL && i < table_count(after); i++) {
		const char *const *names = group_names(table_at(after, i));
		const struct group *known = is_of_one(names) ? NULL :
			table_lookup(seen, names);
		struct group *own;

		if (known == NULL) {
			continue;
		}
		own = table_group(after, names);
		if (own == NULL || table_group(before, names) == NULL) {
			return false;
		}
		row_sum_widen(&own->sum, known->sum.min_ns,
			      known->sum.max_ns);
	}
	return true;
}

static bool learn_table(struct table *seen, const struct table *after)
{
	unsigned i;

	for (i = 0; after != NULL && i < table_count(after); i++) {
		const struct group *g = table_at(after, i);
		struct group *known;

		if (is_of_one(group_names(g))) {
			continue;
		}
		known = table_group(seen, group_names(g));
		if (known == NULL) {
			return false;
		}
		row_sum_widen(&known->sum, g->sum.min_ns, g->sum.max_ns);
	}
	return true;
}

/* Gives a stack what it has not of another one. */
static bool complete_stack(struct layer_stack *to,
			   const struct layer_stack *from)
{
	unsigned i, j;

	for (i = 0; i < from->share_count; i++) {
		if (!layer_stack_share(to, from->shares[i])) {
			return false;
		}
	}
	for (i = 0; i < from->count; i++) {
		const struct layer_cost *layer = &from->layers[i];

		for (j = 0; j < layer->count; j++) {
			if (layer_stack_op(to, layer->layer,
					   layer->ops[j].op) == NULL) {
				return false;
			}
		}
	}
	return true;
}

static bool complete_stacks(struct layer_costs *to,
			    const struct layer_costs *from)
{
	unsigned i;

	for (i = 0; i < from->count; i++) {
		struct layer_stack *stack =
			layer_costs_stack(to, from->stacks[i].objects);

		if (stack == NULL ||
		    !complete_stack(stack, &from->stacks[i])) {
			return false;
		}
	}
	return true;
}

static bool complete(struct report *to, const struct report *from)
{
	return to->tree == NULL ||
		(context_tree_complete(to->tree, from->tree) &&
		 complete_stacks(to->layer_costs, from->layer_costs));
}

static bool give(const struct report *seen, const struct report *before,
		 struct report *after)
{
	struct table *known[REPORT_TABLES], *then[REPORT_TABLES];
	struct table *now[REPORT_TABLES];
	unsigned i;

	report_tables(seen, known);
	report_tables(before, then);
	report_tables(after, now);
	for (i = 0; i < REPORT_TABLES; i++) {
		if (!give_table(known[i], then[i], now[i])) {
			return false;
		}
	}
	return complete(after, seen);
}

static bool learn(struct report *seen, const struct report *after)
{
	struct table *known[REPORT_TABLES], *now[REPORT_TABLES];
	unsigned i;

	report_tables(seen, known);
	report_tables(after, now);
	for (i = 0; i < REPORT_TABLES; i++) {
		if (!learn_table(known[i], now[i])) {
			return false;
		}
	}
	return complete(seen, after);
}

/* --------------------------------- using --------------------------------- */

static bool add(const struct segment_image *image, void *private_data)
{
	return report_add(private_data, image);
}

bool backdrop_update(struct backdrop *b, const struct follower *follower,
		     enum follower_mark mark)
{
	unsigned long gone = follower_gone(follower);
	unsigned long merges = follower_merges(follower);
	unsigned long few = b->options.filter.pid != 0 ? 1 : GONE_FEW;
	struct report *seen;

	if (b->seen != NULL && gone - b->gone < few &&
	    merges == b->merges) {
		return true;
	}
	seen = report_new(&b->options);
	if (seen == NULL || !follower_visit(follower, mark, add, seen)) {
		report_free(seen);
		return false;
	}
	report_free(b->seen);
	b->seen = seen;
	b->gone = gone;
	b->merges = merges;
	return true;
}

/* A report on each of two readings. */
struct reports {
	struct report *before, *after;
};

static bool add_before(const struct segment_image *image, void *private_data)
{
	return add(image, ((struct reports *)private_data)->before);
}

static bool add_after(const struct segment_image *image, void *private_data)
{
	return add(image, ((struct reports *)private_data)->after);
}

/* Adds the headers of those that are the same as before. */
static bool add_unchanged(struct report *r, const struct snapshot *s,
			  unsigned changed)
{
	unsigned i;

	for (i = changed; i < s->image_count; i++) {
		if (!report_add(r, &s->images[i])) {
			return false;
		}
	}
	return true;
}

/* Adds both readings. Returns false if there is no memory. */
static bool add_both(struct reports *r, const struct report_options *options,
		     const struct follower *follower, enum follower_mark mark,
		     bool all, struct follower_pair **pair)
{
	*pair = NULL;
	r->before = report_new(options);
	r->after = report_new(options);
	if (r->before != NULL && r->after != NULL) {
		*pair = follower_since(follower, mark, all, add_before,
				       add_after, r);
	}
	if (*pair == NULL || all) {
		return *pair != NULL;
	}
	return add_unchanged(r->before, &(*pair)->earlier,
			     (*pair)->earlier_changed) &&
		add_unchanged(r->after, &(*pair)->later,
			      (*pair)->later_changed);
}

/* The report on what came between both; NULL if they are no good. */
static struct report *finish(struct reports *r, bool good,
			     struct follower_pair **pair)
{
	if (good) {
		report_finish_since(r->after, &(*pair)->later,
				    &(*pair)->earlier, r->before);
		report_free(r->before);
		return r->after;
	}
	report_free(r->before);
	report_free(r->after);
	follower_pair_free(*pair);
	*pair = NULL;
	return NULL;
}

struct report *backdrop_report(struct backdrop *b,
			       const struct follower *follower,
			       enum follower_mark mark, bool moves,
			       struct follower_pair **pair)
{
	struct reports r;
	bool good = add_both(&r, &b->options, follower, mark, false, pair);

	if (good) {
		/* It gives what was there at the mark. */
		good = give(b->seen, r.before, r.after) &&
			(!moves || learn(b->seen, r.after));
	}
	return finish(&r, good, pair);
}

struct report *report_since(const struct report_options *options,
			    const struct follower *follower,
			    enum follower_mark mark,
			    struct follower_pair **pair)
{
	struct reports r;
	bool good = add_both(&r, options, follower, mark, true, pair);

	return finish(&r, good, pair);
}
