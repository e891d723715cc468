/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "op_class.h"
#include "whole.h"

#define MIB 1048576.0

/*
 * What it costs to hand a call over to a thread and to hear of its end, well
 * over: both must be woken, 0.1 ms on an idle machine.
 */
#define HANDOVER_NS 500000.0

static const struct {
	double call_ns;
	double mib_ns;
	enum { EACH, ON_AVERAGE } of;
} prices[OP_CLASSES] = {
#define OP_CLASS(NAME, call_ns, mib_ns, each) \
	[CLASS_##NAME] = { call_ns, mib_ns, each },
#include "op_class_table.h"
};

static const struct {
	const char *op;
	enum op_class op_class;
} ops[] = {
#define CLASS_OP(NAME, op) { #op, CLASS_##NAME },
#include "op_class_table.h"
};

bool is_of_class(const char *op, enum op_class op_class)
{
	unsigned i;

	for (i = 0; i < sizeof(ops) / sizeof(ops[0]); i++) {
		if (ops[i].op_class == op_class &&
		    strcmp(ops[i].op, op) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_async(const struct row_sum *sum)
{
	return sum != NULL && sum->async * 2 > sum->count;
}

/* Of the time in async ops, the part in which smbd had nothing else to do. */
static double waited_for_async(const struct account *a)
{
	const struct table *table = a->report->ops;
	double total = 0, waited = (double)a->time.waiting_async_ns;
	unsigned i;

	for (i = 0; i < table_count(table); i++) {
		const struct row_sum *sum = &table_at(table, i)->sum;

		total += is_async(sum) ? (double)sum->total_ns : 0;
	}
	return total > waited ? waited / total : 1;
}

/* How long smbd worked, and how much of that it had no CPU. */
static double worked_ns(const struct account *a)
{
	const struct wall_time *t = &a->time;

	return (double)(t->vfs_ns + t->smb_ns + t->receive_ns + t->send_ns +
			t->other_ns);
}

static double waited_for_sync(const struct account *a)
{
	double worked = worked_ns(a), starved = (double)a->time.no_cpu_ns;

	return starved < worked ? 1 - starved / worked : 0;
}

double waited_for(const struct account *a, const char *op)
{
	return is_async(account_op(a, op)) ? waited_for_async(a) :
		waited_for_sync(a);
}

/*
 * Of the time in which a thread wants a CPU, the part in which it has one: as
 * the main thread, of which that is known.
 */
static double calm(const struct account *a)
{
	double on_cpu = (double)a->time.on_cpu_ns;
	double wanted = on_cpu + (double)a->time.no_cpu_ns;

	return wanted <= 0 || on_cpu <= 0 ? 1 : on_cpu / wanted;
}

/* The price of a call of an op, of its average size. */
static double price_of(enum op_class op_class, const struct row_sum *sum)
{
	double bytes = sum->count != 0 ?
		(double)sum->bytes / (double)sum->count : 0;

	return prices[op_class].call_ns +
		prices[op_class].mib_ns * bytes / MIB;
}

double above_each(const struct row_sum *sum, double price_ns)
{
	double above = 0;
	unsigned i;

	for (i = hist_bucket(whole(price_ns)); i < HIST_BUCKETS; i++) {
		uint64_t lower = hist_lower(i);
		uint64_t upper = i + 1 < HIST_BUCKETS ? hist_upper(i) : lower;
		double middle = ((double)lower + (double)upper) / 2;

		above += middle > price_ns ? (double)sum->histogram[i] *
			(middle - price_ns) : 0;
	}
	return above;
}

/* As a part of that time. */
static double above_price(enum op_class op_class, const struct row_sum *sum,
			  double price_ns)
{
	double total = (double)sum->total_ns, above;

	above = prices[op_class].of == EACH ? above_each(sum, price_ns) :
		total - price_ns * (double)sum->count;
	return above <= 0 || total <= 0 ? 0 : above < total ? above / total : 1;
}

/* In which part of the time of these calls they waited for a thread. */
static double queue_part(const struct account *a, const struct row_sum *sum)
{
	double queue = (double)sum->service_wall_ns - (double)sum->service_ns -
		HANDOVER_NS / calm(a) * (double)sum->service_count;

	return queue <= 0 || sum->total_ns == 0 ? 0 :
		queue < (double)sum->total_ns ? queue / (double)sum->total_ns :
		1;
}

/*
 * Of calls that a thread makes, without waiting for that. Its price is what it
 * may compute; for that it needs a CPU, and the main thread for its result.
 */
static double above_async(const struct account *a, enum op_class op_class,
			  const struct row_sum *sum, double price_ns)
{
	double fair_ns = price_ns / (calm(a) * calm(a));
	double above = above_price(op_class, sum, fair_ns) - queue_part(a, sum);

	return above > 0 ? above : 0;
}

/* What is above the price is added to the last two. */
static void add_layer(const struct account *a, enum op_class op_class,
		      const struct layer_cost *layer, struct class_cost *cost,
		      double *sync_ns, double *async_ns)
{
	const struct row_sum *sum;
	double price_ns;
	unsigned i;

	for (i = 0; i < layer->count; i++) {
		const struct layer_op *op = &layer->ops[i];

		if (op->count == 0 || !is_of_class(op->op, op_class)) {
			continue;
		}
		sum = account_layer_op(a, layer->layer, op->op);
		price_ns = price_of(op_class, sum);
		cost->calls += op->count;
		cost->total_ns += op->self_ns;
		if (is_async(account_op(a, op->op))) {
			*async_ns += (double)op->self_ns *
				above_async(a, op_class, sum, price_ns) *
				waited_for_async(a);
		} else {
			*sync_ns += (double)op->self_ns *
				above_price(op_class, sum, price_ns);
		}
		if (op->self_ns > cost->op_ns) {
			cost->op_ns = op->self_ns;
			cost->op_calls = op->count;
			cost->op_price_ns = whole(price_ns);
			snprintf(cost->op, sizeof(cost->op), "%s", op->op);
			memcpy(cost->layer, layer->layer, sizeof(cost->layer));
			memcpy(cost->modules, layer->modules,
			       sizeof(cost->modules));
		}
	}
}

static void add_queues(const struct account *a, const struct layer_cost *layer,
		       struct queue_cost *cost, double *most)
{
	unsigned i;

	for (i = 0; i < layer->count; i++) {
		const struct layer_op *op = &layer->ops[i];
		const struct row_sum *sum = account_layer_op(a, layer->layer,
							     op->op);
		double saved = (double)op->self_ns * queue_part(a, sum) *
			waited_for(a, op->op);

		if (saved <= 0) {
			continue;
		}
		cost->calls += op->count;
		cost->saved_ns += whole(saved);
		if (saved > *most) {
			*most = saved;
			cost->sum = sum;
			snprintf(cost->op, sizeof(cost->op), "%s", op->op);
		}
	}
}

static void sum_class(const struct account *a, enum op_class op_class,
		      struct class_cost *cost, double *sync_ns,
		      double *async_ns)
{
	const struct layer_costs *costs = a->report->layer_costs;
	unsigned i, j;

	memset(cost, 0, sizeof(*cost));
	*sync_ns = *async_ns = 0;
	for (i = 0; i < costs->count; i++) {
		const struct layer_stack *stack = &costs->stacks[i];

		for (j = 0; j < stack->count; j++) {
			if (stack->layers[j].below[0] == '\0') {
				add_layer(a, op_class, &stack->layers[j], cost,
					  sync_ns, async_ns);
			}
		}
	}
}

/*
 * The part of synchronous calls above their price that is not for want of a
 * CPU. A process that loses its CPU gets it back after milliseconds: so all of
 * that is above the price, and is in VFS calls as often as smbd is.
 */
static double not_starved(const struct account *a)
{
	double worked = worked_ns(a), above = 0, starved, sync_ns, async_ns;
	struct class_cost cost;
	unsigned i;

	for (i = 0; i < OP_CLASSES; i++) {
		sum_class(a, i, &cost, &sync_ns, &async_ns);
		above += sync_ns;
	}
	starved = worked <= 0 ? 0 : (double)a->time.no_cpu_ns *
		(double)a->time.vfs_ns / worked;
	return above > starved ? 1 - starved / above : 0;
}

void class_cost(const struct account *a, enum op_class op_class,
		struct class_cost *cost)
{
	double sync_ns, async_ns;

	sum_class(a, op_class, cost, &sync_ns, &async_ns);
	cost->saved_ns = whole(async_ns + (sync_ns == 0 ? 0 :
					   sync_ns * not_starved(a)));
}

void queue_cost(const struct account *a, struct queue_cost *cost)
{
	const struct layer_costs *costs = a->report->layer_costs;
	double most = 0;
	unsigned i, j;

	memset(cost, 0, sizeof(*cost));
	for (i = 0; i < costs->count; i++) {
		const struct layer_stack *stack = &costs->stacks[i];

		for (j = 0; j < stack->count; j++) {
			if (stack->layers[j].below[0] == '\0') {
				add_queues(a, &stack->layers[j], cost, &most);
			}
		}
	}
}

double fair_part(const struct account *a)
{
	double served = (double)a->served_ns - (double)a->time.no_cpu_ns -
		(double)a->time.waiting_cpu_ns;
	struct queue_cost queue;
	struct class_cost cost;
	unsigned i;

	queue_cost(a, &queue);
	served -= (double)queue.saved_ns;
	for (i = 0; i < OP_CLASSES; i++) {
		class_cost(a, i, &cost);
		served -= (double)cost.saved_ns;
	}
	return a->served_ns == 0 || served <= 0 ? 0 :
		served / (double)a->served_ns;
}
