/*
 * What the diagnosis is made from: a report, the connections one by one, and
 * what is under way.
 *
 * The clients' time is what shares are of. It is the wall clock of all
 * connections without that of idle ones: while nobody asks, nobody waits. The
 * wall clock begins in the first tree connect; logging on until then is added.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ACCOUNT_H
#define ACCOUNT_H

#include <stdbool.h>
#include <stdint.h>

#include "asked.h"
#include "client_connections.h"
#include "hot_files.h"
#include "in_flight.h"
#include "loss.h"
#include "report.h"

/*
 * A connection is at work if on average less than this passes between a reply
 * and the next request. Slower is a person, who makes some twenty requests with
 * a click and then reads for a second: nothing can save that time. But large
 * requests may be slow because their data is.
 */
#define ACCOUNT_AT_WORK_NS 50000000u

/* An smbd process, or the departed: then it is of several clients. */
struct connection {
	uint64_t id;			/* of its segment */
	bool departed;
	bool wanted;			/* by the filter */
	bool off;			/* it does not measure */
	char user[sizeof(((struct latency_slot_key *)NULL)->user)];
	char client[sizeof(((struct latency_slot_key *)NULL)->client)];
	struct asked asked;
	uint64_t requests;
	uint64_t bytes;			/* read and written */
	struct spared spare[SPARES];	/* of the requests */
	uint64_t pending;		/* CREATE and LOCK that were */
	uint64_t pending_ns;		/* nobody having worked on them */
	/* Of all its transport connections, whatever the filter of shares. */
	struct connection_totals transport;
	struct round_trip round_trip;
	uint64_t loss_ns;		/* estimated, of lost segments */
	/* Its logon, and tree connects as a whole; see latency_root. */
	uint64_t logons, logon_ns;
	uint64_t tree_connects, tree_connect_ns;
	/*
	 * What passed while one was pending, or was lost, is not waiting for
	 * the client.
	 */
	struct wall_time time;
	bool at_work;			/* see ACCOUNT_AT_WORK_NS */
	bool transfers; /* large requests: what they wait for is their data */
};

struct account {
	struct report *report;		/* with operations */
	struct in_flight_list in_flight; /* of the past: nothing */
	/* By user and client; zero: they were not looked at. */
	struct hot_files files;
	/* That a client asked for again and again; NULL: none. */
	const struct hot_file *most_repeated;
	struct connection *connection;
	unsigned connections;
	/* Sums over the connections that are wanted: */
	uint64_t requests;
	uint64_t bytes;
	uint64_t pending;
	uint64_t pending_ns;		/* at most what smbd waited */
	uint64_t logons, tree_connects;
	uint64_t before_ns; /* logging on, before the wall clock begins */
	struct wall_time time;
	uint64_t clients_ns;		/* the clients' time */
	uint64_t at_work_ns;		/* of that: of connections at work */
	uint64_t served_ns; /* time.wall_ns but waiting for the client */
	unsigned off;			/* connections */
	uint64_t overflow; /* calls that found no place of their own */
};

/* Nothing yet; false: no memory. account_free() frees it in either case. */
bool account_init(struct account *account, const struct filter *filter);

/* Adds an image of the snapshot. Returns false: no memory. */
bool account_add(struct account *account, const struct segment_image *image);

/*
 * When all images of the snapshot have been added. earlier is what is taken
 * away, as of report_finish(). Returns false: no memory.
 */
bool account_finish(struct account *account, const struct snapshot *snapshot,
		    struct snapshot *earlier);

void account_free(struct account *account);

/*
 * How long smbd waited for the client, or for the network, less the part that
 * comes with requests of the connection that could be spared.
 */
double connection_waited(const struct connection *connection, uint64_t ns);

/* That part, of requests of one kind. */
double connection_spared(const struct connection *connection, enum spare spare,
			 uint64_t ns);

/* The counters of an op, NULL if there were none. */
const struct row_sum *account_op(const struct account *account,
				 const char *op);

/* The same of an op in a layer; never NULL. */
const struct row_sum *account_layer_op(const struct account *account,
				       const char *layer, const char *op);

#endif
