/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "same_report.h"
#include "unit.h"

static void check_sum(const struct row_sum *a, const struct row_sum *b)
{
	uint32_t i, j;

#define SAME(counter) assert_int_equal(a->counter, b->counter);
	ROW_COUNTERS(SAME)
	SAME(min_ns)
	SAME(max_ns)
	SAME(errors)
#undef SAME
	assert_memory_equal(a->histogram, b->histogram, sizeof(a->histogram));
	assert_memory_equal(a->sizes, b->sizes, sizeof(a->sizes));
	for (i = 0; i < b->error_count; i++) {
		uint64_t found = 0;

		for (j = 0; j < a->error_count; j++) {
			found += a->error[j].code == b->error[i].code ?
				a->error[j].count : 0;
		}
		assert_int_equal(found, b->error[i].count);
	}
}

static void check_table(const struct table *a, const struct table *b)
{
	unsigned i, d;

	assert_int_equal(a != NULL, b != NULL);
	if (a == NULL) {
		return;
	}
	assert_int_equal(table_count(a), table_count(b));
	for (i = 0; i < table_count(a); i++) {
		const struct group *g = table_at(a, i), *h = table_at(b, i);

		for (d = 0; d < DIMENSIONS; d++) {
			assert_string_equal(group_name(g, d),
					    group_name(h, d));
		}
		check_sum(&g->sum, &h->sum);
		assert_int_equal(g->self_ns, h->self_ns);
		assert_int_equal(g->send_ns, h->send_ns);
		assert_int_equal(g->answers, h->answers);
	}
}

static void check_tree(const struct context_node *a,
		       const struct context_node *b)
{
	for (; a != NULL && b != NULL; a = a->next, b = b->next) {
		assert_string_equal(a->name, b->name);
		assert_int_equal(a->count, b->count);
		assert_int_equal(a->total_ns, b->total_ns);
		assert_int_equal(a->self_ns, b->self_ns);
		check_tree(a->child, b->child);
	}
	assert_true(a == NULL && b == NULL);
}

static void check_layer(const struct layer_cost *a, const struct layer_cost *b)
{
	unsigned i;

	assert_string_equal(a->layer, b->layer);
	assert_int_equal(a->self_ns, b->self_ns);
	assert_int_equal(a->count, b->count);
	for (i = 0; i < a->count; i++) {
		assert_string_equal(a->ops[i].op, b->ops[i].op);
		assert_int_equal(a->ops[i].count, b->ops[i].count);
		assert_int_equal(a->ops[i].self_ns, b->ops[i].self_ns);
	}
}

static void check_costs(const struct layer_costs *a,
			const struct layer_costs *b)
{
	unsigned i, j;

	assert_int_equal(a->count, b->count);
	for (i = 0; i < a->count; i++) {
		const struct layer_stack *s = &a->stacks[i];
		const struct layer_stack *t = &b->stacks[i];

		assert_string_equal(s->objects, t->objects);
		assert_int_equal(s->share_count, t->share_count);
		for (j = 0; j < s->share_count; j++) {
			assert_string_equal(s->shares[j], t->shares[j]);
		}
		assert_int_equal(s->count, t->count);
		for (j = 0; j < s->count; j++) {
			check_layer(&s->layers[j], &t->layers[j]);
		}
	}
}

/* But for the start of the latest process, which tells its version only. */
static void check_coverage(const struct coverage *a, const struct coverage *b)
{
	struct coverage same = *a;

	same.latest_realtime_ns = b->latest_realtime_ns;
	assert_memory_equal(&same, b, sizeof(same));
}

void check_same_report(const struct report *a, const struct report *b)
{
	struct table *ours[REPORT_TABLES], *theirs[REPORT_TABLES];
	unsigned i;

	report_tables(a, ours);
	report_tables(b, theirs);
	for (i = 0; i < REPORT_TABLES; i++) {
		check_table(ours[i], theirs[i]);
	}
	assert_memory_equal(&a->time, &b->time, sizeof(a->time));
	check_coverage(&a->coverage, &b->coverage);
	assert_int_equal(a->since_realtime_ns, b->since_realtime_ns);
	assert_int_equal(a->running_for_ns, b->running_for_ns);
	if (a->tree != NULL) {
		check_tree(a->tree, b->tree);
		check_costs(a->layer_costs, b->layer_costs);
	}
}
