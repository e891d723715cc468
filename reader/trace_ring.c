/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "trace_ring.h"

#define CELL sizeof(union latency_trace_cell)
#define TRIES 1000		/* to find the writer between two events */

/* The beginning of a struct latency_trace. */
struct head {
	uint64_t claimed, written, events, switched_on, untraced;
};

/* Cells that were copied at once, whole events from the first on. */
struct trace_batch {
	struct trace_batch *next;
	uint64_t from, cells;		/* those before `from` are not whole */
	uint64_t untraced;		/* events before them */
	union latency_trace_cell cell[];
};

/* In the batches of all rings. */
static uint64_t fetched_cells;

/* Adds to it from any thread; what it is then. */
static uint64_t fetched_change(uint64_t cells)
{
	return __atomic_add_fetch(&fetched_cells, cells, __ATOMIC_RELAXED);
}

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

/* The barriers are those of tests/model/trace.pml. */
static bool read_head(const struct trace_ring *ring, struct head *head,
		      struct latency_error *error)
{
	if (!read_at(ring, 0, head, sizeof(*head), error)) {
		return false;
	}
	/*
	 * WRITTEN_BEFORE_REST, pairs with CELL_BEFORE_WRITTEN of end(): of what
	 * was written the cells are read after this. So is what was claimed:
	 * else an event between the two words looks as if it came before.
	 */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return read_at(ring, offsetof(struct head, claimed), &head->claimed,
		       sizeof(head->claimed), error);
}

/* Begins behind what has been written. */
static bool go_to_end(struct trace_ring *ring, struct latency_error *error)
{
	struct head head, again;
	unsigned i;

	if (!read_head(ring, &head, error)) {
		return false;
	}
	/* All of it of the same moment. */
	for (i = 0; i < TRIES; i++, head = again) {
		if (!read_head(ring, &again, error)) {
			return false;
		}
		if (memcmp(&head, &again, sizeof(head)) == 0 &&
		    head.claimed == head.written) {
			ring->cell = head.written;
			ring->number = head.events + 1;
			return true;
		}
	}
	return bad(error, "its writer is in the middle of an event",
		   head.claimed);
}

bool trace_ring_open(struct trace_ring *ring, int fd, uint32_t line,
		     bool fresh, struct latency_error *error)
{
	struct head head;

	memset(ring, 0, sizeof(*ring));
	ring->fd = fd;
	ring->line = line;
	ring->number = 1;
	if (!(fresh ? read_head(ring, &head, error) :
	      go_to_end(ring, error))) {
		ring->line = 0;
		return false;
	}
	ring->end = &ring->first;
	pthread_mutex_init(&ring->lock, NULL);
	return true;
}

/* --------------------------------- fetching ------------------------------ */

static void batch_free(struct trace_batch *batch)
{
	fetched_change(-batch->cells);
	free(batch);
}

static void batches_free(struct trace_batch *batch)
{
	while (batch != NULL) {
		struct trace_batch *next = batch->next;

		batch_free(batch);
		batch = next;
	}
}

void trace_ring_close(struct trace_ring *ring)
{
	if (ring->line != 0) {
		batches_free(ring->first);
		pthread_mutex_destroy(&ring->lock);
	}
	memset(ring, 0, sizeof(*ring));
}

/* Room for so many cells; NULL: there is none now. */
static struct trace_batch *batch_new(uint64_t cells)
{
	struct trace_batch *batch;

	if (fetched_change(cells) > TRACE_FETCHED_CELLS) {
		fetched_change(-cells);
		return NULL;
	}
	batch = malloc(sizeof(*batch) + cells * CELL);
	if (batch == NULL) {
		fetched_change(-cells);
		return NULL;
	}
	batch->next = NULL;
	batch->from = 0;
	batch->cells = cells;
	return batch;
}

/* Copies cells from ring->cell on, no more than the ring has. */
static bool copy_cells(const struct trace_ring *ring, struct trace_batch *batch,
		       struct latency_error *error)
{
	const size_t at = offsetof(struct latency_trace, cell);
	uint64_t first = ring->cell % LATENCY_TRACE_CELLS;
	uint64_t to_end = LATENCY_TRACE_CELLS - first;
	uint64_t part = batch->cells < to_end ? batch->cells : to_end;

	return read_at(ring, at + first * CELL, batch->cell, part * CELL,
		       error) &&
		(part == batch->cells ||
		 read_at(ring, at, batch->cell + part,
			 (batch->cells - part) * CELL, error));
}

static bool in_path(const union latency_trace_cell *cell)
{
	return cell->path.kind == LATENCY_EVENT_PATH;
}

/* Copies what is new; false with *error. */
static bool fetch(struct trace_ring *ring, struct latency_error *error)
{
	struct head head, after;
	struct trace_batch *batch;
	uint64_t overwritten;

	if (!read_head(ring, &head, error)) {
		return false;
	}
	if (head.written < ring->cell || head.claimed < head.written) {
		return bad(error, "ring that went backwards", head.written);
	}
	if (head.written - ring->cell > LATENCY_TRACE_CELLS) {
		ring->cell = head.written - LATENCY_TRACE_CELLS;
	}
	batch = head.written == ring->cell ? NULL :
		batch_new(head.written - ring->cell);
	if (batch == NULL) {
		return true;
	}
	batch->untraced = head.untraced;
	*ring->end = batch;
	ring->end = &batch->next;
	if (!copy_cells(ring, batch, error)) {
		batch->from = batch->cells;
		return false;
	}
	/*
	 * CELL_BEFORE_CLAIMED, pairs with CLAIMED_BEFORE_CELL of begin(): what
	 * has changed in a cell that was copied is claimed below.
	 */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	if (!read_head(ring, &after, error)) {
		batch->from = batch->cells;
		return false;
	}
	if (after.claimed - ring->cell > LATENCY_TRACE_CELLS) {
		overwritten = after.claimed - LATENCY_TRACE_CELLS - ring->cell;
		batch->from = overwritten < batch->cells ? overwritten :
			batch->cells;
	}
	/* The rest of an event whose beginning has been overwritten. */
	while (batch->from < batch->cells &&
	       in_path(&batch->cell[batch->from])) {
		batch->from++;
	}
	ring->cell += batch->cells;
	return true;
}

static void fetch_locked(struct trace_ring *ring)
{
	ring->failed = ring->failed || !fetch(ring, &ring->error);
}

void trace_ring_fetch(struct trace_ring *ring)
{
	pthread_mutex_lock(&ring->lock);
	fetch_locked(ring);
	pthread_mutex_unlock(&ring->lock);
}

/* --------------------------------- visiting ------------------------------ */

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

static bool visit_batch(struct trace_ring *ring,
			const struct trace_batch *batch,
			trace_ring_visitor visitor,
			void (*lost)(uint64_t events, void *private_data),
			void *private_data, struct latency_error *error)
{
	const uint64_t cells = batch->cells;
	uint64_t from = batch->from;
	char path[TRACE_PATH];

	/* Until its own first event, that was not for this reader. */
	if (ring->visited && batch->untraced > ring->untraced) {
		lost(batch->untraced - ring->untraced, private_data);
	}
	ring->visited = true;
	ring->untraced = batch->untraced;
	while (from < cells) {
		const union latency_trace_cell *cell = &batch->cell[from];
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
	struct trace_batch *batch;
	bool ok = true, failed;

	pthread_mutex_lock(&ring->lock);
	fetch_locked(ring);
	batch = ring->first;
	ring->first = NULL;
	ring->end = &ring->first;
	failed = ring->failed;
	*error = ring->error;
	pthread_mutex_unlock(&ring->lock);

	while (ok && batch != NULL) {
		struct trace_batch *next = batch->next;

		ok = visit_batch(ring, batch, visitor, lost, private_data,
				 error);
		batch_free(batch);
		batch = next;
	}
	batches_free(batch);
	return ok && !failed;
}
