/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "metrics_connections.h"

static void print_seconds(const struct metrics_out *p, const char *name,
			  uint64_t ns, const char *help)
{
	metrics_family(p, name, "counter", "seconds", help);
	fprintf(p->out, "%s_total ", name);
	metrics_seconds(p, ns);
}

void metrics_connections(const struct metrics_out *p,
			 const struct connection_totals *t, uint64_t open)
{
	metrics_single(p, "smblatency_connections_open", "gauge", open,
		       "Transport connections of clients now.");
	metrics_single(p, "smblatency_connections", "counter", t->connections,
		       "Transport connections of clients, ended ones "
		       "included.");
#define TRANSPORT_REQUESTS(field, doc)                                      \
	metrics_single(p, "smblatency_connection_" #field, "counter",       \
		       t->field, "Of transport connections: " doc ".");
#define TRANSPORT_COUNT(field, doc)                                         \
	metrics_single(p, "smblatency_connection_" #field, "counter",       \
		       t->field, "Of transport connections: " doc ".");
#define TRANSPORT_TIME(field, doc)                                          \
	print_seconds(p, "smblatency_connection_" #field "_seconds",        \
		      t->field##_ns, "Of transport connections: " doc ".");
#include "latency_transport.h"
}
