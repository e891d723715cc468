/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "trace_writer.h"

bool trace_claim(struct segment_writer *w)
{
	uint32_t line;

	if (w->trace != NULL) {
		return true;
	}
	line = lines_claim(w, sizeof(*w->trace));
	if (line == 0) {
		return false;
	}
	w->trace = lines_at(w, line);
	/* All zero: no order is needed. */
	word_write(&w->header->trace, line);
	return true;
}

static union latency_trace_cell *cell_at(struct latency_trace *trace,
					 uint64_t n)
{
	return &trace->cell[n % LATENCY_TRACE_CELLS];
}

/* Announces so many cells and fills in the first; returns its number. */
static uint64_t begin(struct latency_trace *trace,
		      const struct latency_event *event, unsigned cells)
{
	uint64_t first = word_read(&trace->written);
	struct latency_event *e = &cell_at(trace, first)->event;

	word_write(&trace->claimed, first + cells);
	/* Pairs with the fence of trace_copy(): known before it is written. */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	*e = *event;
	e->number = word_read(&trace->events) + 1;
	return first;
}

static void end(struct latency_trace *trace, uint64_t written)
{
	word_add(&trace->events, 1);
	/* Pairs with trace_copy(): what is in the cells comes before. */
	word_publish(&trace->written, written);
}

void trace_op(struct latency_trace *trace, const struct latency_event *event)
{
	end(trace, begin(trace, event, 1) + 1);
}

void trace_request(struct latency_trace *trace,
		   const struct latency_event *event, const char *path)
{
	struct latency_event with_path = *event;
	size_t left = strnlen(path, LATENCY_TRACE_PIECES * LATENCY_TRACE_PIECE);
	uint64_t n;

	with_path.pieces = (uint8_t)((left + LATENCY_TRACE_PIECE - 1) /
				     LATENCY_TRACE_PIECE);
	n = begin(trace, &with_path, 1u + with_path.pieces) + 1;
	while (left != 0) {
		struct latency_event_path *piece = &cell_at(trace, n++)->path;
		size_t length = left < LATENCY_TRACE_PIECE ? left :
			LATENCY_TRACE_PIECE;

		memset(piece->text, 0, sizeof(piece->text));
		memcpy(piece->text, path, length);
		piece->kind = LATENCY_EVENT_PATH;
		path += length;
		left -= length;
	}
	end(trace, n);
}
