/*
 * How often and how long, by operation and request, as strace -c: when it ends.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "escape.h"
#include "trace_view.h"

#define DEPTHS 257
#define NAME 100
#define NAME_LEAST 8		/* columns beside the numbers */

struct sum {
	char name[NAME];		/* "layer:op", or of the request */
	bool is_request;
	uint64_t count, errors, ns, self_ns;
};

static struct sum *sums;
static unsigned sum_count;
static uint64_t lost_events;

static struct sum *sum_of(const struct trace_event *event)
{
	char name[sizeof(sums->name)];
	bool is_request = event->layer[0] == '\0';
	struct sum *more;
	unsigned i;

	snprintf(name, sizeof(name), "%s%s%s",
		 LATENCY_FRAME_LAYER(event->e.frame) > 1 ? event->layer : "",
		 LATENCY_FRAME_LAYER(event->e.frame) > 1 ? ":" : "",
		 event->name);
	for (i = 0; i < sum_count; i++) {
		if (sums[i].is_request == is_request &&
		    strcmp(sums[i].name, name) == 0) {
			return &sums[i];
		}
	}
	more = realloc(sums, (sum_count + 1) * sizeof(*sums));
	if (more == NULL) {
		return NULL;
	}
	sums = more;
	memset(&sums[sum_count], 0, sizeof(*sums));
	strcpy(sums[sum_count].name, name);
	sums[sum_count].is_request = is_request;
	return &sums[sum_count++];
}

static void add(const struct trace_event *event, uint64_t within_ns)
{
	struct sum *sum = sum_of(event);
	uint64_t ns = event->e.duration_ns;

	if (sum != NULL) {
		sum->count++;
		sum->errors += event->e.error != 0;
		sum->ns += ns;
		sum->self_ns += ns > within_ns ? ns - within_ns : 0;
	}
}

/* An op ends after those within, which are one level deeper. */
static void group(const struct trace_group *g)
{
	uint64_t within[DEPTHS] = { 0 };
	unsigned i;

	for (i = 0; i < g->count; i++) {
		const struct latency_event *e = &g->op[i].e;

		add(&g->op[i], g->op[i].async ? 0 : within[e->depth + 1]);
		if (!g->op[i].async) {
			within[e->depth + 1] = 0;
			within[e->depth] += e->duration_ns;
		}
	}
	if (g->has_request) {
		add(&g->request, 0);
	}
}

static void lost(uint32_t pid, uint64_t events)
{
	(void)pid;
	lost_events += events;
}

/* --------------------------------- the end ------------------------------- */

static int by_self(const void *one, const void *other)
{
	const struct sum *a = one, *b = other;

	if (a->is_request != b->is_request) {
		return a->is_request ? -1 : 1;
	}
	if (a->self_ns != b->self_ns) {
		return a->self_ns > b->self_ns ? -1 : 1;
	}
	return strcmp(a->name, b->name);
}

static void print_line(const char *numbers, const char *name, unsigned width)
{
	unsigned taken = (unsigned)strlen(numbers);
	char text[NAME * 4];

	escape_text_to(text, sizeof(text), name);
	if (taken + NAME_LEAST > width) {
		/* Numbers and name do not fit side by side. */
		text_cut(text, width);
		printf("%s\n  %s\n", text, numbers);
	} else {
		text_cut(text, width - taken);
		printf("%s%s\n", numbers, text);
	}
}

static void print_sum(const struct sum *s, uint64_t all_ns, unsigned width)
{
	char calls[CELL], errors[CELL], each[CELL], line[4 * CELL];

	cell_count(calls, s->count, 8);
	cell_count(errors, s->errors, 7);
	cell_us(each, s->ns / s->count, 10);
	snprintf(line, sizeof(line), "%6.2f %11.6f %10s %8s %7s  ",
		 all_ns != 0 ? 100 * (double)s->self_ns / (double)all_ns : 0,
		 (double)s->self_ns / 1e9, each, calls,
		 s->errors != 0 ? errors : "");
	print_line(line, s->name, width);
}

/* Those of one kind: requests come first. */
static void print_table(bool requests, const char *what, unsigned width)
{
	uint64_t all_ns = 0;
	unsigned i, count = 0;

	for (i = 0; i < sum_count; i++) {
		if (sums[i].is_request == requests) {
			all_ns += sums[i].self_ns;
			count++;
		}
	}
	if (count == 0) {
		return;
	}
	print_line("% time     seconds    us/call    calls  errors  ", what,
		   width);
	for (i = 0; i < sum_count; i++) {
		if (sums[i].is_request == requests) {
			print_sum(&sums[i], all_ns, width);
		}
	}
}

static void end(void)
{
	unsigned width = terminal_width(stdout);
	bool both;

	if (sum_count != 0) {
		qsort(sums, sum_count, sizeof(*sums), by_self);
		both = sums[0].is_request && !sums[sum_count - 1].is_request;
		print_table(true, "request", width);
		if (both) {
			putchar('\n');
		}
		print_table(false, "operation", width);
	}
	if (lost_events != 0) {
		printf("%llu events were lost\n",
		       (unsigned long long)lost_events);
	}
	free(sums);
	sums = NULL;
	sum_count = 0;
}

static void begin(void)
{
}

const struct trace_view trace_summary = { begin, group, lost, end };
