/*
 * The table of transport connections, as its process writes it, or who adds up
 * the departed; struct latency_connection has the protocol.
 *
 * This file must not know: sockets, and where the figures come from.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CONNECTION_WRITER_H
#define CONNECTION_WRITER_H

#include "segment_image.h"
#include "segment_lines.h"

struct connection_writer {
	struct latency_connections *table;
	struct latency_connection *entry[LATENCY_CONNECTIONS];
	unsigned count;			/* claimed so far, free or not */
};

/* What the kernel has counted of a connection; times are in ns. */
struct connection_figures {
	uint32_t min_rtt_us;		/* 0: not known */
	uint32_t rtt_us;		/* 0: not known */
#define TRANSPORT_COUNT(field, doc) uint64_t field;
#define TRANSPORT_TIME(field, doc) uint64_t field##_ns;
#include "latency_transport.h"
};

/*
 * An entry for a connection that began at this time (CLOCK_REALTIME, as all of
 * these), port 0 if that is not known. If there is no room, it is counted as
 * unlisted instead, and NULL returned. Leaves errno alone.
 */
struct latency_connection *connection_begin(struct segment_writer *w,
					    const char *client, uint16_t port,
					    uint64_t began_ns);

/* These are its figures now; NULL: only its dialect is known. */
void connection_sampled(struct latency_connection *c, uint16_t dialect,
			const struct connection_figures *figures,
			uint64_t now_ns);

/*
 * It ended at this time: the entry becomes part of the sum of its client's. It
 * must not be used any more.
 */
void connection_end(struct segment_writer *w, struct latency_connection *c,
		    uint64_t ended_ns);

/* It has had another request, which was signed, or encrypted, or neither. */
static inline void connection_request(struct latency_connection *c,
				      bool is_signed, bool is_encrypted)
{
	word_add(&c->requests, 1);
	if (is_encrypted) {
		word_add(&c->encrypted_requests, 1);
	} else if (is_signed) {
		word_add(&c->signed_requests, 1);
	}
}

/*
 * Adds all connections of an image, as ended ones. Returns false if there is
 * no memory, or no room on the file system.
 */
bool connections_merge(struct segment_writer *w,
		       const struct segment_image *image);

#endif
