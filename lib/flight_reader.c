/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "flight_reader.h"
#include "sequence.h"

static const void *at(const unsigned char *shared, uint32_t line)
{
	return shared + (size_t)line * LATENCY_LINE;
}

static bool inside(const struct latency_header *h, uint32_t line, size_t bytes,
		   size_t size)
{
	return line >= h->header_size / LATENCY_LINE &&
		(uint64_t)line * LATENCY_LINE + bytes <= size;
}

/* Copies the entry if something is under way in it. */
static const char *copy_entry(struct flight_list *list,
			      const struct latency_flight *shared)
{
	struct latency_flight *flight = &list->flight[list->count];

	if (word_read(&shared->begun_ns) == 0 ||
	    !seq_read(&shared->seq, flight, sizeof(*flight)) ||
	    flight->begun_ns == 0) {
		return NULL;
	}
	if (memchr(flight->path, '\0', sizeof(flight->path)) == NULL) {
		return "unterminated path of what is under way";
	}
	list->shared[list->count++] = shared;
	return NULL;
}

/* Room for the entries of so many chunks: few smbds have more than one. */
static bool make_room(struct flight_list *list, unsigned chunks)
{
	const size_t entries = (size_t)chunks * LATENCY_FLIGHT_CHUNK;
	void *flight = realloc(list->flight, entries * sizeof(*list->flight));
	void *shared;

	if (flight == NULL) {
		return false;
	}
	list->flight = flight;
	shared = realloc(list->shared, entries * sizeof(*list->shared));
	if (shared == NULL) {
		return false;
	}
	list->shared = shared;
	return true;
}

const char *flights_copy(struct flight_list *list,
			 const struct latency_header *h,
			 const unsigned char *shared, size_t size)
{
	const size_t bytes = LATENCY_FLIGHT_CHUNK * sizeof(*list->flight);
	const struct latency_flights *table;
	const char *wrong = NULL;
	unsigned i, j;

	memset(list, 0, sizeof(*list));
	if (h->flights == 0) {
		return NULL;
	}
	if (!inside(h, h->flights, sizeof(*table), size)) {
		return "what is under way outside the file";
	}
	table = at(shared, h->flights);
	for (i = 0; i < LATENCY_FLIGHT_CHUNKS; i++) {
		/* Pairs with the word_publish() of add_chunk(). */
		uint32_t line = word_follow(&table->chunk[i]);
		const struct latency_flight *chunk = at(shared, line);

		if (line == 0) {
			break;
		}
		if (!inside(h, line, bytes, size)) {
			return "what is under way outside the file";
		}
		if (!make_room(list, i + 1)) {
			return "out of memory";
		}
		for (j = 0; j < LATENCY_FLIGHT_CHUNK && wrong == NULL; j++) {
			wrong = copy_entry(list, &chunk[j]);
		}
	}
	list->unlisted = word_read(&table->unlisted);
	list->current = word_read(&table->current);
	return wrong;
}

void flights_verify(struct flight_list *list, const struct latency_header *h,
		    const unsigned char *shared)
{
	const struct latency_flights *table;
	unsigned i, kept = 0;

	if (list->flight == NULL) {
		return;
	}
	/* DATA_BEFORE_AGAIN, pairs with ODD_BEFORE_DATA of flight_set(). */
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	for (i = 0; i < list->count; i++) {
		const struct latency_flight *now = list->shared[i];

		if (word_read(&now->begun_ns) == list->flight[i].begun_ns &&
		    word_read(&now->seq.count) == list->flight[i].seq.count) {
			list->flight[kept] = list->flight[i];
			list->shared[kept++] = list->shared[i];
		}
	}
	list->count = kept;
	table = at(shared, h->flights);
	if (word_read(&table->current) != list->current) {
		list->current = 0;
	}
}

void flights_free(struct flight_list *list)
{
	free(list->flight);
	free(list->shared);
	memset(list, 0, sizeof(*list));
}
