/*
 * What operations cost beyond a fair price: see op_class_table.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_CLASS_H
#define OP_CLASS_H

#include "account.h"

enum op_class {
#define OP_CLASS(NAME, call_ns, mib_ns, each) CLASS_##NAME,
#include "op_class_table.h"
	OP_CLASSES,
};

/* A class of ops in the lowest layer of each share: what is below smbd. */
struct class_cost {
	uint64_t calls;
	uint64_t total_ns;		/* self time, in the eyes of a thread */
	uint64_t saved_ns; /* of the clients' time, were they at their price */
	char op[32];			/* that takes most of it */
	uint64_t op_calls;
	uint64_t op_ns;
	uint64_t op_price_ns;		/* of a call */
	char layer[LAYER_NAME];
	char modules[LAYER_OBJECTS];	/* below the layer; "": none */
};

/*
 * Sums up a class. Asynchronous ops count as far as smbd waited for them:
 * what passes side by side is not added up. Nor is what they wait for a thread,
 * which queue_cost() sums up.
 */
void class_cost(const struct account *account, enum op_class op_class,
		struct class_cost *cost);

/* What asynchronous ops wait before and after the system call of a thread. */
struct queue_cost {
	uint64_t calls;
	uint64_t saved_ns; /* of the clients' time, had they not to wait */
	const struct row_sum *sum;	/* of the op that takes most of it */
	char op[32];
};

void queue_cost(const struct account *account, struct queue_cost *cost);

/*
 * How much of the time in these calls is above their price, in nanoseconds:
 * call by call, so that many that are quick do not make up for others.
 */
double above_each(const struct row_sum *sum, double price_ns);

/*
 * How much of a nanosecond in this op a client has waited for it: less than 1
 * where ops are side by side, or smbd had no CPU meanwhile.
 */
double waited_for(const struct account *account, const char *op);

/* Is this an op of the class? */
bool is_of_class(const char *op, enum op_class op_class);

/*
 * How much of what smbd does is neither above the price of its ops nor waiting
 * for a CPU: 0 to 1.
 */
double fair_part(const struct account *account);

#endif
