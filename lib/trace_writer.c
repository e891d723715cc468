/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "slot_writer.h"
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

/* Is it an event when this ends, and not a part of one? */
static bool is_event(const struct latency_node *node)
{
	return node->frame != LATENCY_FRAME(0, LATENCY_ROOT_SEND) &&
		node->frame != LATENCY_FRAME(0, LATENCY_ROOT_PENDING);
}

/* How many events there were, traced or not. */
static uint64_t events_ended(const struct segment_writer *w)
{
	const struct slot_writer *slot;
	uint64_t sum = 0;
	unsigned i;

	for (slot = w->slots; slot != NULL; slot = slot->next) {
		for (i = 0; i < slot->nodes; i++) {
			const struct latency_node *node = slot_node(slot, i);

			sum += is_event(node) ? word_read(&node->count) : 0;
		}
	}
	return sum;
}

void trace_switch(struct segment_writer *w, bool on)
{
	struct latency_trace *trace = w->trace;

	if (!on) {
		word_write(&trace->ended, events_ended(w));
		return;
	}
	if (word_read(&trace->switched_on) != 0) {
		word_add(&trace->untraced, events_ended(w) -
			 word_read(&trace->ended));
	}
	word_add(&trace->switched_on, 1);
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
	/* CLAIMED_BEFORE_CELL, pairs with CELL_BEFORE_CLAIMED of fetch(). */
	__atomic_thread_fence(__ATOMIC_RELEASE);
	*e = *event;
	e->number = word_read(&trace->events) + 1;
	return first;
}

static void end(struct latency_trace *trace, uint64_t written)
{
	word_add(&trace->events, 1);
	/* CELL_BEFORE_WRITTEN, pairs with WRITTEN_BEFORE_REST of readers. */
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
