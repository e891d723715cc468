/*
 * The transport connections of the clients of all smbds: those that are open,
 * and by client and dialect those that have ended.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CLIENT_CONNECTIONS_H
#define CLIENT_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "filter.h"
#include "latency_error.h"

struct client_connection {
	struct latency_connection c;
	uint32_t pid;			/* 0: of processes that have ended */
	bool open;
	/* That its process has open at this time: more than 1: multichannel. */
	unsigned channels;
};

struct client_connections {
	struct client_connection *entry; /* open first, then by bytes */
	unsigned count;
	uint64_t unlisted;		/* more that found no room */
	struct latency_error *problems;	/* segments that could not be read */
	unsigned problem_count;
};

/*
 * All in a directory that the filter, of clients and processes, wants. Returns
 * false with *error, and errno as snapshot_take().
 */
bool client_connections_read(const char *directory,
			     const struct filter *filter,
			     struct client_connections *list,
			     struct latency_error *error);

/* Sums over connections, open or not. None goes back between snapshots. */
struct connection_totals {
	uint64_t connections;
	uint64_t known;			/* of these: with figures */
#define TRANSPORT_REQUESTS(field, doc) uint64_t field;
#define TRANSPORT_COUNT(field, doc) uint64_t field;
#define TRANSPORT_TIME(field, doc) uint64_t field##_ns;
#include "latency_transport.h"
};

/* Adds those of an image that the filter wants. Returns how many are open. */
unsigned connection_totals_add(struct connection_totals *totals,
			       const struct segment_image *image,
			       const struct filter *filter);

void connection_totals_subtract(struct connection_totals *totals,
				const struct connection_totals *earlier);

void client_connections_free(struct client_connections *list);

#endif
