/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "connection_reader.h"
#include "sequence.h"

#define CHUNK_BYTES \
	(LATENCY_CONNECTION_CHUNK * sizeof(struct latency_connection))

/* Can be added up without an overflow? */
static bool is_possible(const struct latency_connection *c)
{
	const uint64_t most = (uint64_t)1 << 52;
	uint64_t all = c->connections | c->known;

	/* All of them are less than a power of two if their bits are. */
#define TRANSPORT_REQUESTS(field, doc) all |= c->field;
#define TRANSPORT_COUNT(field, doc) all |= c->field >> 8;
#define TRANSPORT_TIME(field, doc) all |= c->field##_ns >> 8;
#include "latency_transport.h"
	return all < most;
}

/* Of one in the middle of whose update its smbd has died a part is missing. */
static bool read_entry(const struct reading *r, struct latency_connection *c)
{
	const struct latency_connection *shared = shared_of(r, c);

	seq_read(&shared->seq, c, sizeof(*c));
	if (memchr(c->client, '\0', sizeof(c->client)) == NULL) {
		return bad(r, "unterminated client of a connection", 0);
	}
	if (!is_possible(c)) {
		return bad(r, "connection with impossible figures", c->port);
	}
	/* They are counted one after the other, and not as a whole. */
	if (c->encrypted_requests > c->requests) {
		c->requests = c->encrypted_requests;
	}
	if (c->signed_requests > c->requests - c->encrypted_requests) {
		c->signed_requests = c->requests - c->encrypted_requests;
	}
	return true;
}

bool connections_read(struct reading *r)
{
	uint32_t line = r->image->header->connections;
	struct latency_connections *table;
	unsigned i, j;

	if (line == 0) {
		return true;
	}
	if (!inside(r, line, sizeof(*table))) {
		return bad(r, "connections outside the file", line);
	}
	if (!take(r, line, sizeof(*table))) {
		return false;
	}
	table = image_mutable(r, line);
	words_copy(table, shared_of(r, table), sizeof(*table));
	if (table->unlisted > (uint64_t)1 << 52) {
		return bad(r, "too many connections", table->unlisted);
	}
	for (i = 0; i < LATENCY_CONNECTION_CHUNKS; i++) {
		struct latency_connection *chunk;

		line = table->chunk[i];
		if (line == 0) {
			continue;
		}
		if (!inside(r, line, CHUNK_BYTES)) {
			return bad(r, "connections outside the file", line);
		}
		if (!take(r, line, CHUNK_BYTES)) {
			return false;
		}
		chunk = image_mutable(r, line);
		for (j = 0; j < LATENCY_CONNECTION_CHUNK; j++) {
			if (!read_entry(r, &chunk[j])) {
				return false;
			}
		}
	}
	return true;
}
