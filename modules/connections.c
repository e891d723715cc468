/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "connections.h"
#include "tcp_figures.h"
#include "turn.h"

void connections_sample(const struct smbXsrv_client *client)
{
	const struct smbXsrv_connection *xconn;
	uint32_t least_us = LATENCY_PHASE_NETWORK_MAX;

	for (xconn = client->connections; xconn != NULL; xconn = xconn->next) {
		struct tcp_figures f = { .min_rtt_us = 0 };

		tcp_figures_read(xconn->transport.sock, &f);
		if (f.min_rtt_us < least_us) {
			least_us = f.min_rtt_us;
		}
	}
	network_measured(&turn.network,
			 client->connections == NULL ? 0 : least_us);
}
