/*
 * The list of what is under way, as its process writes it; struct
 * latency_flight has the protocol.
 *
 * Entries are claimed 16 at a time, when they are first needed, and handed out
 * so that the one given back last comes first: a request that ends before the
 * next one begins always has the same, warm one.
 *
 * This file must not know what is under way, nor what a path is of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FLIGHT_WRITER_H
#define FLIGHT_WRITER_H

#include <string.h>

#include "segment_lines.h"

struct flight_writer {
	struct latency_flights *table;
	unsigned free_count;
	unsigned chunks;		/* claimed so far */
	struct latency_flight *free[LATENCY_FLIGHTS];
	/* Stands in for entries that there is no room for; nobody reads it. */
	struct latency_flight unlisted;
};

/* What flight_begin() does where no entry is free; NULL: no memory. */
struct latency_flight *flight_claim(struct segment_writer *w);

/*
 * Something begins: an entry for it until flight_end(), without a path; NULL:
 * no memory. If all are taken it is counted instead.
 */
static inline struct latency_flight *flight_begin(struct segment_writer *w)
{
	struct flight_writer *f = w->flights;

	if (likely(f != NULL && f->free_count != 0)) {
		return f->free[--f->free_count];
	}
	return flight_claim(w);
}

/* Fills it in, again if it goes on as another request of a compound. */
static inline void flight_set(struct latency_flight *flight, uint16_t frame,
			      uint64_t message_id, uint32_t slot,
			      uint16_t request, uint64_t begun_ns)
{
	seq_write_begin(&flight->seq);
	flight->frame = frame;
	flight->message_id = message_id;
	flight->pending_ns = 0;
	flight->slot = slot;
	flight->request = request;
	flight->path[0] = '\0';
	word_write(&flight->begun_ns, begun_ns);
	seq_write_end(&flight->seq);
}

/* The synchronous ops from now on are for this request. */
static inline void flight_is_current(struct segment_writer *w,
				     const struct latency_flight *flight)
{
	if (likely(flight != NULL)) {
		/*
		 * ENDED_BEFORE_CURRENT, pairs with the fence of
		 * under_way_read(): no op of another request is under way.
		 */
		word_publish(&w->flights->table->current, flight->number);
	}
}

/* It has ended; NULL: it had no entry. */
static inline void flight_end(struct segment_writer *w,
			      struct latency_flight *flight)
{
	struct flight_writer *f = w->flights;

	if (flight == NULL) {
		return;
	}
	/* Before ODD_BEFORE_DATA of the next one that has this entry. */
	word_write(&flight->begun_ns, 0);
	if (unlikely(flight == &f->unlisted)) {
		word_add(&f->table->unlisted, UINT64_MAX);
		return;
	}
	f->free[f->free_count++] = flight;
}

#endif
