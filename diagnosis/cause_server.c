/*
 * Causes in smbd's process: modules, computing, want of a CPU.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cause.h"
#include "op_class.h"
#include "whole.h"

/* ------------------------------ slow_module ------------------------------ */

/* What handing on a call through a module that does nothing takes, well over */
#define MODULE_PRICE_NS 5000.0

struct module_cost {
	const struct layer_cost *layer;
	double saved_ns;
	uint64_t calls;
};

/* Between two layers; what is below the lowest one is storage. */
static double cost_between(const struct account *a,
			   const struct layer_cost *layer, uint64_t *calls)
{
	double saved = 0;
	unsigned i;

	*calls = 0;
	for (i = 0; i < layer->count && layer->below[0] != '\0'; i++) {
		const struct layer_op *op = &layer->ops[i];
		double above = (double)op->self_ns -
			MODULE_PRICE_NS * (double)op->count;

		if (above > 0) {
			saved += above * waited_for(a, op->op);
			*calls += op->count;
		}
	}
	return saved;
}

static void dearest_module(const struct account *a, struct module_cost *most,
			   double *sum)
{
	const struct layer_costs *costs = a->report->layer_costs;
	unsigned i, j;

	for (i = 0; i < costs->count; i++) {
		for (j = 0; j < costs->stacks[i].count; j++) {
			const struct layer_cost *layer =
				&costs->stacks[i].layers[j];
			uint64_t calls;
			double saved = cost_between(a, layer, &calls);

			*sum += saved;
			if (saved > most->saved_ns) {
				*most = (struct module_cost){ layer, saved,
							      calls };
			}
		}
	}
}

bool cause_slow_module(const struct account *a, struct finding *f)
{
	struct module_cost most = { .layer = NULL };
	const struct layer_op *op;
	char name[4][FINDING_NAME];
	double sum = 0;

	dearest_module(a, &most, &sum);
	if (most.layer == NULL) {
		return false;
	}
	op = &most.layer->ops[0];
	f->saved_ns = whole(sum);
	f->calls = most.calls;
	f->confidence = CONFIDENCE_CERTAIN;
	f->command = "smblatency-stat -s";
	finding_say(f, "%s, between the layers %s and %s: %s calls of %s took "
		    "%s each there.",
		    finding_name(name[0], sizeof(name[0]), most.layer->modules),
		    finding_name(name[1], sizeof(name[1]), most.layer->layer),
		    finding_name(name[2], sizeof(name[2]), most.layer->below),
		    finding_figure(f, "calls", FIGURE_COUNT,
				   (double)op->count),
		    finding_name(name[3], sizeof(name[3]), op->op),
		    finding_figure(f, "average", FIGURE_NS,
				   (double)op->self_ns / (double)op->count));
	return true;
}

/* -------------------------- encryption, signing -------------------------- */

/* A transfer of so much must be seen: of small requests it is little. */
#define BULK_BYTES 1048576u

/* What smbd computes beyond that. */
static double protecting_ns(const struct account *a)
{
	const struct wall_time *t = &a->time;
	double outside = (double)(t->send_ns + t->smb_ns + t->receive_ns);
	double computed = (double)t->cpu_user_ns - name_search_smb_ns(a) -
		CAUSE_REQUEST_NS * (double)a->requests;

	return a->bytes < BULK_BYTES || computed <= 0 ? 0 :
		computed < outside ? computed : outside;
}

/* How many requests, of those whose connections are known, were protected. */
struct protected {
	uint64_t requests, is_signed, encrypted;
};

static void sum_protected(const struct account *a, struct protected *p)
{
	unsigned i;

	memset(p, 0, sizeof(*p));
	for (i = 0; i < a->connections; i++) {
		const struct connection_totals *t = &a->connection[i].transport;

		if (a->connection[i].wanted) {
			p->requests += t->requests;
			p->is_signed += t->signed_requests;
			p->encrypted += t->encrypted_requests;
		}
	}
}

static bool say_protected(const struct account *a, struct finding *f,
			  uint64_t requests, uint64_t of, const char *how)
{
	const struct wall_time *t = &a->time;

	if (requests == 0 || of == 0) {
		return false;
	}
	f->saved_ns = whole(protecting_ns(a) * (double)requests /
			    (double)of);
	f->calls = requests;
	f->confidence = CONFIDENCE_LIKELY;
	f->command = "smblatency-stat connections";
	finding_say(f, "%s requests were %s. smbd used %s of CPU time outside "
		    "the kernel to move %s.",
		    finding_figure(f, "requests", FIGURE_COUNT,
				   (double)requests), how,
		    finding_figure(f, "cpu_user", FIGURE_NS,
				   (double)t->cpu_user_ns),
		    finding_figure(f, "bytes", FIGURE_BYTES,
				   (double)a->bytes));
	return f->saved_ns != 0;
}

bool cause_encryption(const struct account *a, struct finding *f)
{
	struct protected p;

	sum_protected(a, &p);
	return say_protected(a, f, p.encrypted, p.requests, "encrypted");
}

bool cause_signing(const struct account *a, struct finding *f)
{
	struct protected p;

	sum_protected(a, &p);
	return say_protected(a, f, p.is_signed, p.requests, "signed");
}

/* --------------------------------- no_cpu -------------------------------- */

bool cause_no_cpu(const struct account *a, struct finding *f)
{
	const struct wall_time *t = &a->time;
	uint64_t waited = t->no_cpu_ns + t->waiting_cpu_ns;

	if (waited == 0) {
		return false;
	}
	f->saved_ns = waited;
	f->calls = a->requests;
	f->confidence = CONFIDENCE_CERTAIN;
	f->command = "smblatency-stat";
	finding_say(f, "smbd was ready to run but had no CPU for %s, and ran "
		    "for %s.",
		    finding_figure(f, "cpu_wait", FIGURE_NS, (double)waited),
		    finding_figure(f, "cpu", FIGURE_NS,
				   (double)(t->cpu_user_ns +
					    t->cpu_system_ns)));
	return true;
}
