/*
 * Metrics of the transport connections of clients.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef METRICS_CONNECTIONS_H
#define METRICS_CONNECTIONS_H

#include "client_connections.h"
#include "metrics_text.h"

/* Their sums, and how many are open now. */
void metrics_connections(const struct metrics_out *p,
			 const struct connection_totals *totals, uint64_t open);

#endif
