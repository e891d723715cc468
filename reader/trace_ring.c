/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace_ring.h"

#define CELL sizeof(union latency_trace_cell)
#define TRIES 1000		/* to find the writer between two events */

/* The beginning of a struct latency_trace. */
struct head {
	uint64_t claimed, written, events, switched_on;
};

static bool bad(struct latency_error *error, const char *what, uint64_t value)
{
	error_set(error, "trace: %s (%llu)", what, (unsigned long long)value);
	return false;
}

static bool read_at(const struct trace_ring *ring, size_t offset, void *to,
		    size_t size, struct latency_error *error)
{
	ssize_t got = pread(ring->fd, to, size,
			    (off_t)ring->line * LATENCY_LINE + (off_t)offset);

	if (got == -1) {
		error_set(error, "trace: cannot read: %s", strerror(errno));
		return false;
	}
	return got == (ssize_t)size ||
		bad(error, "ring outside the file", ring->line);
}

static bool read_head(const struct trace_ring *ring, struct head *head,
		      struct latency_error *error)
{
	if (!read_at(ring, 0, head, sizeof(*head), error)) {
		return false;
	}
	/* Pairs with end() of trace_writer.c: the cells are read after this. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return true;
}

bool trace_ring_open(struct trace_ring *ring, int fd, uint32_t line,
		     bool fresh, struct latency_error *error)
{
	struct head head, again;
	unsigned i;

	memset(ring, 0, sizeof(*ring));
	ring->fd = fd;
	ring->line = line;
	ring->number = 1;
	if (!read_head(ring, &head, error)) {
		return false;
	}
	/* All of it of the same moment. */
	for (i = 0; !fresh && i < TRIES; i++, head = again) {
		if (!read_head(ring, &again, error)) {
			return false;
		}
		if (memcmp(&head, &again, sizeof(head)) == 0 &&
		    head.claimed == head.written) {
			break;
		}
	}
	if (i == TRIES) {
		return bad(error, "its writer is in the middle of an event",
			   head.claimed);
	}
	ring->buffer = malloc(LATENCY_TRACE_CELLS * CELL);
	if (ring->buffer == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	if (!fresh) {
		ring->cell = head.written;
		ring->number = head.events + 1;
	}
	ring->switched_on = head.switched_on;
	return true;
}

void trace_ring_close(struct trace_ring *ring)
{
	free(ring->buffer);
	ring->buffer = NULL;
}

/* Copies cells from ring->cell on, fewer than the ring has, to the buffer. */
static bool copy_cells(const struct trace_ring *ring, uint64_t cells,
		       struct latency_error *error)
{
	const size_t at = offsetof(struct latency_trace, cell);
	uint64_t first = ring->cell % LATENCY_TRACE_CELLS;
	uint64_t to_end = LATENCY_TRACE_CELLS - first;
	uint64_t part = cells < to_end ? cells : to_end;

	return read_at(ring, at + first * CELL, ring->buffer, part * CELL,
		       error) &&
		(part == cells ||
		 read_at(ring, at, ring->buffer + part, (cells - part) * CELL,
			 error));
}

static bool in_path(const union latency_trace_cell *cell)
{
	return cell->path.kind == LATENCY_EVENT_PATH;
}

/* Puts the path together; false: not that many pieces follow. */
static bool path_of(const union latency_trace_cell *cell, uint64_t left,
		    char path[TRACE_PATH])
{
	unsigned i;

	path[0] = '\0';
	if (cell->event.pieces > LATENCY_TRACE_PIECES ||
	    cell->event.pieces >= left) {
		return false;
	}
	for (i = 0; i < cell->event.pieces; i++) {
		const union latency_trace_cell *piece = &cell[1 + i];

		if (!in_path(piece)) {
			return false;
		}
		memcpy(path + (size_t)i * LATENCY_TRACE_PIECE,
		       piece->path.text, LATENCY_TRACE_PIECE);
	}
	path[(size_t)i * LATENCY_TRACE_PIECE] = '\0';
	return true;
}

/* Visits what is in the buffer from a cell on. */
static bool visit_cells(struct trace_ring *ring, uint64_t from, uint64_t cells,
			trace_ring_visitor visitor,
			void (*lost)(uint64_t events, void *private_data),
			void *private_data, struct latency_error *error)
{
	char path[TRACE_PATH];

	while (from < cells) {
		const union latency_trace_cell *cell = &ring->buffer[from];
		const struct latency_event *event = &cell->event;

		if (event->kind == LATENCY_EVENT_OP) {
			path[0] = '\0';
			from++;
		} else if (event->kind == LATENCY_EVENT_REQUEST &&
			   path_of(cell, cells - from, path)) {
			from += 1u + event->pieces;
		} else {
			return bad(error, "event that makes no sense",
				   ring->number);
		}
		if (event->number < ring->number) {
			return bad(error, "event number that repeats",
				   event->number);
		}
		if (event->number > ring->number) {
			lost(event->number - ring->number, private_data);
		}
		ring->number = event->number + 1;
		visitor(event, path, private_data);
	}
	return true;
}

bool trace_ring_read(struct trace_ring *ring, trace_ring_visitor visitor,
		     void (*lost)(uint64_t events, void *private_data),
		     void *private_data, struct latency_error *error)
{
	struct head head, after;
	uint64_t cells, from = 0;

	if (!read_head(ring, &head, error)) {
		return false;
	}
	if (head.written < ring->cell || head.claimed < head.written) {
		return bad(error, "ring that goes back", head.written);
	}
	ring->switched_on = head.switched_on;
	if (head.written - ring->cell > LATENCY_TRACE_CELLS) {
		ring->cell = head.written - LATENCY_TRACE_CELLS;
	}
	cells = head.written - ring->cell;
	if (cells == 0) {
		return true;
	}
	if (!copy_cells(ring, cells, error)) {
		return false;
	}
	/* Pairs with begin() of trace_writer.c: claimed before changed. */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!read_head(ring, &after, error)) {
		return false;
	}
	if (after.claimed - ring->cell > LATENCY_TRACE_CELLS) {
		from = after.claimed - LATENCY_TRACE_CELLS - ring->cell;
		from = from < cells ? from : cells;
	}
	/* The rest of an event whose beginning has been overwritten. */
	while (from < cells && in_path(&ring->buffer[from])) {
		from++;
	}
	ring->cell += cells;
	return visit_cells(ring, from, cells, visitor, lost, private_data,
			   error);
}
