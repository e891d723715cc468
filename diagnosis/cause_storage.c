/*
 * Causes below smbd: file operations that cost more than their fair price.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cause.h"
#include "op_class.h"
#include "whole.h"

/* What is below the layer may be the file system, or a module. */
static void say_where(struct finding *f, const struct class_cost *cost)
{
	char modules[FINDING_NAME];

	f->confidence = CONFIDENCE_CERTAIN;
	if (cost->modules[0] != '\0') {
		finding_say(f, " Perhaps in %s.",
			    finding_name(modules, sizeof(modules),
					 cost->modules));
		f->confidence = CONFIDENCE_LIKELY;
	}
}

static void say_op(const struct account *a, struct finding *f,
		   const struct class_cost *cost)
{
	const struct row_sum *sum = account_layer_op(a, cost->layer, cost->op);
	double calls = (double)cost->op_calls;

	finding_say(f, "%s calls of %s", finding_figure(f, "calls",
							FIGURE_COUNT, calls),
		    cost->op);
	if (sum->bytes != 0) {
		finding_say(f, ", of %s each,",
			    finding_figure(f, "size", FIGURE_BYTES,
					   (double)sum->bytes /
					   (double)sum->count));
	}
	finding_say(f, " took %s on average",
		    finding_figure(f, "average", FIGURE_NS,
				   (double)cost->op_ns / calls));
	/* Quick on average: then it is the slow ones. */
	if (cost->op_ns > cost->op_price_ns * cost->op_calls) {
		finding_say(f, ", one in twenty %s",
			    finding_figure(f, "p95", FIGURE_NS, (double)
					   row_sum_percentile(sum, 950)));
	} else {
		finding_say(f, ", the slowest %s",
			    finding_figure(f, "slowest", FIGURE_NS,
					   (double)sum->max_ns));
	}
	finding_say(f, "; good storage takes %s.",
		    finding_figure(f, "price", FIGURE_NS,
				   (double)cost->op_price_ns));
	say_where(f, cost);
}

static bool costly(const struct account *a, enum op_class op_class,
		   struct finding *f)
{
	struct class_cost cost;

	class_cost(a, op_class, &cost);
	if (cost.saved_ns == 0) {
		return false;
	}
	f->saved_ns = cost.saved_ns;
	f->calls = cost.calls;
	f->command = "smblatency-stat -s";
	say_op(a, f, &cost);
	return true;
}

bool cause_slow_reads(const struct account *a, struct finding *f)
{
	return costly(a, CLASS_READ, f);
}

bool cause_slow_writes(const struct account *a, struct finding *f)
{
	return costly(a, CLASS_WRITE, f);
}

bool cause_slow_sync(const struct account *a, struct finding *f)
{
	return costly(a, CLASS_SYNC, f);
}

bool cause_slow_opens(const struct account *a, struct finding *f)
{
	return costly(a, CLASS_OPEN, f);
}

bool cause_slow_names(const struct account *a, struct finding *f)
{
	return costly(a, CLASS_NAMES, f);
}

bool cause_slow_listing(const struct account *a, struct finding *f)
{
	return costly(a, CLASS_LISTING, f);
}

bool cause_slow_attributes(const struct account *a, struct finding *f)
{
	return costly(a, CLASS_ATTRIBUTES, f);
}

/* ------------------------------- slow_space ------------------------------ */

/*
 * smbd starts a 'dfree command' by itself, outside of file operations. Starting
 * one takes longer than this, answering any other question does not.
 */
#define QUESTION_NS 2000000.0

/* Questions about a file or a disk, "SMB2_OP_GETINFO"; NULL: none. */
static const struct group *questions(const struct account *a)
{
	return table_find(a->report->requests, BY_REQUEST, "SMB2_OP_GETINFO");
}

static bool slow_command(const struct account *a, struct finding *f)
{
	const struct group *g = questions(a);
	double above;

	if (g == NULL || g->sum.total_ns == 0) {
		return false;
	}
	above = above_each(&g->sum, QUESTION_NS) / (double)g->sum.total_ns;
	f->saved_ns = whole((double)g->self_ns *
			    waited_for(a, "disk_free") *
			    (above < 1 ? above : 1));
	f->calls = g->sum.count;
	f->command = "smblatency-stat";
	f->confidence = CONFIDENCE_LIKELY;
	return f->saved_ns != 0;
}

static void say_command(struct finding *f, const struct group *g)
{
	finding_say(f, "%s questions about files and disks took smbd %s each, "
		    "up to %s, beside file operations: as a 'dfree command' "
		    "does.",
		    finding_figure(f, "requests", FIGURE_COUNT,
				   (double)g->sum.count),
		    finding_figure(f, "average", FIGURE_NS,
				   (double)g->self_ns / (double)g->sum.count),
		    finding_figure(f, "slowest", FIGURE_NS,
				   (double)g->sum.max_ns));
}

bool cause_slow_space(const struct account *a, struct finding *f)
{
	struct finding command = *f;
	bool is_op = costly(a, CLASS_SPACE, f);

	if (!slow_command(a, &command)) {
		return is_op;
	}
	if (command.saved_ns > f->saved_ns) {
		say_command(&command, questions(a));
		command.saved_ns += f->saved_ns;
		*f = command;
	} else {
		f->saved_ns += command.saved_ns;
	}
	return true;
}

/* -------------------------------- io_queue ------------------------------- */

bool cause_io_queue(const struct account *a, struct finding *f)
{
	struct queue_cost cost;
	double calls;

	queue_cost(a, &cost);
	if (cost.sum == NULL) {
		return false;
	}
	calls = (double)cost.sum->service_count;
	f->saved_ns = cost.saved_ns;
	f->calls = cost.calls;
	/* A disk that does one thing at a time would queue instead. */
	f->confidence = CONFIDENCE_LIKELY;
	f->command = "smblatency-stat -s";
	finding_say(f, "%s calls of %s took %s each: %s in the system call, "
		    "and %s waiting for a thread to make it.",
		    finding_figure(f, "calls", FIGURE_COUNT, calls), cost.op,
		    finding_figure(f, "average", FIGURE_NS, (double)
				   cost.sum->service_wall_ns / calls),
		    finding_figure(f, "service", FIGURE_NS, (double)
				   cost.sum->service_ns / calls),
		    finding_figure(f, "queue", FIGURE_NS,
				   ((double)cost.sum->service_wall_ns -
				    (double)cost.sum->service_ns) / calls));
	return true;
}

/* -------------------------------- hanging -------------------------------- */

/* Beyond this nothing that works takes; a disk that retries takes longer. */
#define HANGS_NS 2000000000u
#define HANGS_FOR_SURE_NS 10000000000u

bool cause_hanging(const struct account *a, struct finding *f)
{
	const struct in_flight *oldest = NULL;
	char share[FINDING_NAME];
	unsigned i;

	for (i = 0; i < a->in_flight.count; i++) {
		const struct in_flight *e = &a->in_flight.entry[i];
		uint64_t age = e->op_count == 0 ? 0 :
			e->op[e->op_count - 1].age_ns;

		if (age < HANGS_NS) {
			continue;
		}
		f->calls++;
		f->saved_ns += a->report->interval &&
			age > a->report->running_for_ns ?
			a->report->running_for_ns : age;
		if (oldest == NULL ||
		    age > oldest->op[oldest->op_count - 1].age_ns) {
			oldest = e;
		}
	}
	if (oldest == NULL) {
		return false;
	}
	i = oldest->op_count - 1;
	finding_say(f, "%s under way too long; %s on share %s has been running "
		    "for %s.",
		    finding_figure(f, "calls", FIGURE_COUNT,
				   (double)f->calls), oldest->op[i].op,
		    finding_name(share, sizeof(share), oldest->key.share),
		    finding_figure(f, "age", FIGURE_NS,
				   (double)oldest->op[i].age_ns));
	f->confidence = oldest->op[i].age_ns >= HANGS_FOR_SURE_NS ?
		CONFIDENCE_CERTAIN : CONFIDENCE_LIKELY;
	f->command = "smblatency-stat now";
	return true;
}
