/*
 * A trace for people, in the manner of strace: a line for each request, below
 * it the operations in it, in the order in which they began.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "columns.h"
#include "error_name.h"
#include "escape.h"
#include "time_ns.h"
#include "trace_view.h"

#define LINE 4096
#define INDENT_MAX 16u
#define WIDTH_FOR_TIME 60u	/* narrower ones go without time of day */
#define WIDTH_FOR_US 30u

static unsigned width;		/* 0: no end */

static void begin(void)
{
	width = isatty(1) ? terminal_width(stdout) : 0;
}

/* ---------------------------------- lines -------------------------------- */

struct line {
	char text[LINE];
	size_t length;
};

static void append(struct line *line, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

static void append(struct line *line, const char *format, ...)
{
	va_list args;
	int length;

	va_start(args, format);
	length = vsnprintf(line->text + line->length, LINE - line->length,
			   format, args);
	va_end(args);
	if (length > 0) {
		line->length += (size_t)length;
		line->length = line->length < LINE ? line->length : LINE - 1;
	}
}

static void append_escaped(struct line *line, const char *name)
{
	escape_text_to(line->text + line->length, LINE - line->length, name);
	line->length += strlen(line->text + line->length);
}

static void print(struct line *line)
{
	if (width != 0) {
		text_cut(line->text, width);
	}
	puts(line->text);
}

/* When it began, and how long it took. */
static void append_times(struct line *line, const struct latency_event *e)
{
	time_t seconds = (time_t)(e->begun_ns / NS_PER_S);
	char cell[CELL], text[32];
	struct tm tm;

	if (width == 0 || width >= WIDTH_FOR_TIME) {
		localtime_r(&seconds, &tm);
		strftime(text, sizeof(text), "%H:%M:%S", &tm);
		append(line, "%s.%06u ", text,
		       (unsigned)(e->begun_ns % NS_PER_S / 1000));
	}
	append(line, width == 0 || width >= WIDTH_FOR_US ? "%9s us  " : "%7s ",
	       cell_us(cell, e->duration_ns, 9));
}

static void append_who(struct line *line, const struct trace_group *g)
{
	const struct latency_slot_key *key = &g->slot->key;

	if (g->path[0] != '\0') {
		append(line, "  ");
		append_escaped(line, g->path);
	}
	append(line, "  [");
	append_escaped(line, key->user);
	append(line, "@");
	append_escaped(line, key->client);
	append(line, " ");
	append_escaped(line, key->share);
	append(line, " %u]", g->pid);
}

static void append_result(struct line *line, const struct latency_event *e)
{
	char number[ERROR_NUMBER];

	if (e->error != 0) {
		append(line, " = %s", error_name(e->error, number));
	} else if (e->bytes != 0) {
		append(line, " = %llu", (unsigned long long)e->bytes);
	} else {
		append(line, " = ok");
	}
}

/* ---------------------------------- events ------------------------------- */

static void print_request(const struct trace_group *g)
{
	const struct latency_event *e = &g->request.e;
	struct line line = { .length = 0 };
	char cell[CELL];

	append_times(&line, e);
	append_escaped(&line, g->request.name);
	append_result(&line, e);
	if (e->pending_ns != 0) {
		append(&line, ", pending for %s us",
		       cell_us(cell, e->pending_ns, 9));
	}
	append_who(&line, g);
	print(&line);
}

/* The layer is named where another one may be meant. */
static void append_op(struct line *line, const struct trace_event *op)
{
	if (LATENCY_FRAME_LAYER(op->e.frame) > 1) {
		append_escaped(line, op->layer);
		append(line, ":");
	}
	append_escaped(line, op->name);
	if (op->e.offset != LATENCY_TRACE_UNKNOWN) {
		append(line, "(at %llu)", (unsigned long long)op->e.offset);
	}
}

static void print_op(const struct trace_group *g, const struct trace_event *op)
{
	unsigned depth = op->e.depth < INDENT_MAX ? op->e.depth : INDENT_MAX;
	struct line line = { .length = 0 };

	append_times(&line, &op->e);
	append(&line, "%*s", (int)depth * 2, "");
	append_op(&line, op);
	append_result(&line, &op->e);
	if (op->async) {
		append(&line, ", async");
	}
	if (!g->has_request) {
		append(&line, "  in %s", g->root);
		append_who(&line, g);
	}
	print(&line);
}

static void group(const struct trace_group *g)
{
	unsigned i;

	if (g->has_request) {
		print_request(g);
	}
	trace_group_sort(g);
	for (i = 0; i < g->count; i++) {
		print_op(g, &g->op[i]);
	}
}

static void lost(uint32_t pid, uint64_t events)
{
	struct line line = { .length = 0 };

	append(&line, "... %llu events of smbd %u were lost",
	       (unsigned long long)events, pid);
	print(&line);
}

static void end(void)
{
}

const struct trace_view trace_text = { begin, group, lost, end };
