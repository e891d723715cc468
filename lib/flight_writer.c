/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "flight_writer.h"
#include "invariant.h"

/* The private side and the table itself; false: no memory, no room. */
static bool make_table(struct segment_writer *w)
{
	struct flight_writer *f = arena_alloc(&w->arena, sizeof(*f));
	uint32_t line;

	if (f == NULL) {
		return false;
	}
	line = lines_claim(w, sizeof(*f->table));
	if (line == 0) {
		return false;
	}
	f->table = lines_at(w, line);
	w->flights = f;
	/* All zero: no order is needed. */
	word_write(&w->header->flights, line);
	return true;
}

/* More free entries; false: there is no room. */
static bool add_chunk(struct segment_writer *w)
{
	struct flight_writer *f = w->flights;
	struct latency_flight *chunk;
	uint32_t line;
	unsigned i;

	if (f->chunks == LATENCY_FLIGHT_CHUNKS) {
		return false;
	}
	line = lines_claim(w, LATENCY_FLIGHT_CHUNK * sizeof(*chunk));
	if (line == 0) {
		return false;
	}
	chunk = lines_at(w, line);
	for (i = LATENCY_FLIGHT_CHUNK; i-- != 0;) {
		chunk[i].number = (uint16_t)(
			f->chunks * LATENCY_FLIGHT_CHUNK + i + 1);
		f->free[f->free_count++] = &chunk[i];
	}
	INVARIANT(f->free_count <= LATENCY_FLIGHTS);
	/* Pairs with the word_follow() of flights_copy(). */
	word_publish(&f->table->chunk[f->chunks++], line);
	return true;
}

struct latency_flight *flight_claim(struct segment_writer *w)
{
	struct flight_writer *f;

	/* A segment that is full is asked once for a table, not at each. */
	if (w->flights == NULL && (w->full != 0 || !make_table(w))) {
		return NULL;
	}
	f = w->flights;
	if (f->free_count == 0 && !add_chunk(w)) {
		word_add(&f->table->unlisted, 1);
		return &f->unlisted;
	}
	return f->free[--f->free_count];
}
