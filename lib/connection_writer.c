/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <string.h>

#include "connection_writer.h"
#include "departed_place.h"
#include "name.h"

/* -------------------------------- entries -------------------------------- */

/* The private side and the table itself; NULL: no memory, no room. */
static struct connection_writer *make(struct segment_writer *w)
{
	struct connection_writer *t;
	uint32_t line;

	/* A segment that is full is not asked at each sample. */
	if (w->full != 0) {
		return NULL;
	}
	t = arena_alloc(&w->arena, sizeof(*t));
	line = t != NULL ? lines_claim(w, sizeof(*t->table)) : 0;
	if (line == 0) {
		return NULL;
	}
	t->table = lines_at(w, line);
	w->connections = t;
	/* All zero: no order is needed. */
	word_write(&w->header->connections, line);
	return t;
}

/* More free entries; false: there is no room. */
static bool add_chunk(struct segment_writer *w, struct connection_writer *t)
{
	struct latency_connection *chunk;
	unsigned i, number = t->count / LATENCY_CONNECTION_CHUNK;
	uint32_t line;

	if (number == LATENCY_CONNECTION_CHUNKS) {
		return false;
	}
	line = lines_claim(w, LATENCY_CONNECTION_CHUNK * sizeof(*chunk));
	if (line == 0) {
		return false;
	}
	chunk = lines_at(w, line);
	for (i = 0; i < LATENCY_CONNECTION_CHUNK; i++) {
		t->entry[t->count++] = &chunk[i];
	}
	/* All zero, which is free: no order is needed. */
	word_write(&t->table->chunk[number], line);
	return true;
}

static bool is_others(const struct latency_connection *c)
{
	return strcmp(c->client, DEPARTED_OTHERS) == 0;
}

/* A free one, if that leaves so many; NULL: there is none. */
static struct latency_connection *free_entry(struct segment_writer *w,
					     struct connection_writer *t,
					     unsigned leaves)
{
	struct latency_connection *found = NULL;
	unsigned i, rest = LATENCY_CONNECTIONS - t->count;

	for (i = 0; i < t->count; i++) {
		if (t->entry[i]->connections == 0) {
			found = found == NULL ? t->entry[i] : found;
			rest++;
		}
	}
	if (rest <= leaves) {
		return NULL;
	}
	if (found == NULL && add_chunk(w, t)) {
		found = t->entry[t->count - LATENCY_CONNECTION_CHUNK];
	}
	return found;
}

/* The sum of what has ended of this client with this dialect, or NULL. */
static struct latency_connection *find_sum(const struct connection_writer *t,
					   const char *client,
					   uint16_t dialect)
{
	unsigned i;

	for (i = 0; i < t->count; i++) {
		struct latency_connection *c = t->entry[i];

		if (c->connections != 0 && c->ended_ns != 0 &&
		    c->dialect == dialect &&
		    name_is(c->client, sizeof(c->client), client)) {
			return c;
		}
	}
	return NULL;
}

/* ---------------------------------- sums --------------------------------- */

static uint32_t least_known(uint32_t a, uint32_t b)
{
	return a == 0 || (b != 0 && b < a) ? b : a;
}

/* Adds what `from` had to a sum, as one that ended at this time. */
static void add(struct latency_connection *sum,
		const struct latency_connection *from, uint64_t ended_ns)
{
	seq_write_begin(&sum->seq);
	if (from->began_ns < sum->began_ns) {
		word_write(&sum->began_ns, from->began_ns);
	}
	if (ended_ns > sum->ended_ns) {
		word_write(&sum->ended_ns, ended_ns);
	}
	if (from->sampled_ns > sum->sampled_ns) {
		word_write(&sum->sampled_ns, from->sampled_ns);
	}
	sum->port = 0;
	word_write(&sum->min_rtt_us,
		   least_known(sum->min_rtt_us, from->min_rtt_us));
	word_write(&sum->rtt_us, 0);
	word_add(&sum->known, from->known);
#define TRANSPORT_REQUESTS(field, doc) word_add(&sum->field, from->field);
#define TRANSPORT_COUNT(field, doc) word_add(&sum->field, from->field);
#define TRANSPORT_TIME(field, doc) \
	word_add(&sum->field##_ns, from->field##_ns);
#include "latency_transport.h"
	word_add(&sum->connections, from->connections);
	seq_write_end(&sum->seq);
}

/* Fills a free entry in with what `from` had. */
static void fill_in(struct latency_connection *c,
		    const struct latency_connection *from, uint64_t ended_ns)
{
	const size_t key = offsetof(struct latency_connection, dialect);

	seq_write_begin(&c->seq);
	memcpy((char *)c + key, (const char *)from + key, sizeof(*c) - key);
	c->ended_ns = ended_ns;
	if (ended_ns != 0 && c->connections > 1) {
		c->port = 0;
		c->rtt_us = 0;
	}
	seq_write_end(&c->seq);
}

/*
 * Makes it free; what it had is returned. If its process is killed before that
 * is added elsewhere it is lost, but not there twice.
 */
static struct latency_connection take_out(struct latency_connection *c)
{
	const struct latency_connection had = *c;

	seq_write_begin(&c->seq);
	word_write(&c->connections, 0);
	seq_write_end(&c->seq);
	return had;
}

/* Adds the sum that ended first to "(others)"; false: none is left. */
static bool merge_oldest(struct segment_writer *w, struct connection_writer *t)
{
	struct latency_connection *others, *oldest = NULL, had;
	unsigned i;

	for (i = 0; i < t->count; i++) {
		struct latency_connection *c = t->entry[i];

		if (c->connections != 0 && c->ended_ns != 0 && !is_others(c) &&
		    (oldest == NULL || c->ended_ns < oldest->ended_ns)) {
			oldest = c;
		}
	}
	if (oldest == NULL) {
		return false;
	}
	others = find_sum(t, DEPARTED_OTHERS, LATENCY_DIALECT_UNKNOWN);
	if (others == NULL) {
		others = free_entry(w, t, 0);
	}
	had = take_out(oldest);
	if (others == NULL) {
		others = oldest;
	}
	if (others->connections != 0) {
		add(others, &had, had.ended_ns);
		return true;
	}
	name_copy(had.client, sizeof(had.client), DEPARTED_OTHERS);
	had.dialect = LATENCY_DIALECT_UNKNOWN;
	had.port = 0;
	had.rtt_us = 0;
	fill_in(others, &had, had.ended_ns);
	return true;
}

/* A free entry, if need be in place of an old one. The last is for others. */
static struct latency_connection *another(struct segment_writer *w,
					  struct connection_writer *t)
{
	struct latency_connection *c = free_entry(w, t, 1);

	if (c == NULL && merge_oldest(w, t)) {
		c = free_entry(w, t, 0);
	}
	return c;
}

/* Adds what has ended; false: there is no room. */
static bool add_ended(struct segment_writer *w, struct connection_writer *t,
		      const struct latency_connection *from, uint64_t ended_ns)
{
	struct latency_connection *c = find_sum(t, from->client,
						from->dialect);

	if (c != NULL) {
		add(c, from, ended_ns);
		return true;
	}
	c = another(w, t);
	if (c != NULL) {
		fill_in(c, from, ended_ns);
	}
	return c != NULL;
}

/* -------------------------------- its life ------------------------------- */

struct latency_connection *connection_begin(struct segment_writer *w,
					    const char *client, uint16_t port,
					    uint64_t began_ns)
{
	int saved_errno = errno;
	struct connection_writer *t = w->connections;
	struct latency_connection *c = NULL;
	struct latency_connection begun = {
		.port = port,
		.connections = 1,
		.began_ns = began_ns,
	};

	if (t == NULL) {
		t = make(w);
	}
	if (t != NULL) {
		c = another(w, t);
		if (c != NULL) {
			name_copy(begun.client, sizeof(begun.client), client);
			fill_in(c, &begun, 0);
		} else {
			word_add(&t->table->unlisted, 1);
		}
	}
	errno = saved_errno;
	return c;
}

void connection_sampled(struct latency_connection *c, uint16_t dialect,
			const struct connection_figures *figures,
			uint64_t now_ns)
{
	seq_write_begin(&c->seq);
	c->dialect = dialect;
	if (figures != NULL) {
		word_write(&c->known, 1);
		word_write(&c->sampled_ns, now_ns);
		word_write(&c->min_rtt_us, least_known(c->min_rtt_us,
						       figures->min_rtt_us));
		word_write(&c->rtt_us, figures->rtt_us);
#define TRANSPORT_COUNT(field, doc) word_write(&c->field, figures->field);
#define TRANSPORT_TIME(field, doc) \
	word_write(&c->field##_ns, figures->field##_ns);
#include "latency_transport.h"
	}
	seq_write_end(&c->seq);
}

void connection_end(struct segment_writer *w, struct latency_connection *c,
		    uint64_t ended_ns)
{
	struct latency_connection *sum = find_sum(w->connections, c->client,
						  c->dialect);
	struct latency_connection had;

	if (sum != NULL) {
		had = take_out(c);
		add(sum, &had, ended_ns);
		return;
	}
	seq_write_begin(&c->seq);
	word_write(&c->ended_ns, ended_ns);
	seq_write_end(&c->seq);
}

bool connections_merge(struct segment_writer *w,
		       const struct segment_image *image)
{
	const struct latency_connections *from = image_connections(image);
	struct connection_writer *t = w->connections;
	unsigned i;

	if (from == NULL) {
		return true;
	}
	if (t == NULL) {
		t = make(w);
	}
	if (t == NULL) {
		return false;
	}
	word_add(&t->table->unlisted, from->unlisted);
	for (i = 0; i < LATENCY_CONNECTIONS; i++) {
		const struct latency_connection *c =
			image_connection(image, from, i);
		uint64_t ended_ns;

		if (c == NULL) {
			continue;
		}
		/* Of one whose smbd has died the latest that is known. */
		ended_ns = c->ended_ns != 0 ? c->ended_ns :
			c->sampled_ns > c->began_ns ? c->sampled_ns :
			c->began_ns;
		if (!add_ended(w, t, c, ended_ns)) {
			return false;
		}
	}
	return true;
}
