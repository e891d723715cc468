/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "connections.h"
#include "connection_writer.h"
#include "process.h"
#include "tcp_figures.h"
#include "time_ns.h"
#include "turn.h"
#include "lib/tsocket/tsocket.h"

/* Of a client smbd serves at most 32 at a time. */
#define MOST 64u

/* 100 ns each, since 1601. */
#define NTTIME_OF_1970 116444736000000000ull

/* smbd may have another one at the same address later. */
struct known {
	const struct smbXsrv_connection *xconn;
	uint64_t channel_id;
	struct latency_connection *entry; /* NULL: found no room */
	bool seen;			/* in this sample */
};

static struct known known[MOST];
static unsigned count;
static struct known latest;		/* that had a request */

static void entry_begin(struct known *k)
{
	const struct tsocket_address *peer = k->xconn->remote_address;
	uint64_t began = k->xconn->connect_time;
	const char *client = NULL;
	uint16_t port = 0;

	if (peer != NULL && tsocket_address_is_inet(peer, "ip")) {
		client = tsocket_address_inet_addr_string(peer, talloc_tos());
		port = tsocket_address_inet_port(peer);
	}
	began = began > NTTIME_OF_1970 ? (began - NTTIME_OF_1970) * 100 : 0;
	k->entry = connection_begin(latency_segment,
				    client != NULL ? client : "(none)", port,
				    began);
}

/* NULL: there are too many, or this is a forked child. */
static struct known *find(const struct smbXsrv_connection *xconn)
{
	struct known *k;

	for (k = known; k != known + count; k++) {
		if (k->xconn == xconn && k->channel_id == xconn->channel_id) {
			return k;
		}
	}
	if (count == MOST || latency_segment == NULL) {
		return NULL;
	}
	*k = (struct known){
		.xconn = xconn,
		.channel_id = xconn->channel_id,
	};
	count++;
	entry_begin(k);
	return k;
}

static uint16_t dialect_of(const struct smbXsrv_connection *xconn)
{
	if (xconn->protocol >= PROTOCOL_SMB2_02) {
		return xconn->smb2.server.dialect;
	}
	return xconn->protocol == PROTOCOL_NONE ? LATENCY_DIALECT_UNKNOWN :
		LATENCY_DIALECT_SMB1;
}

/* Those that the client has no more have ended. */
static void end_others(uint64_t now_ns)
{
	unsigned i, kept = 0;

	for (i = 0; i < count; i++) {
		if (known[i].seen) {
			known[i].seen = false;
			known[kept++] = known[i];
			continue;
		}
		if (known[i].entry != NULL) {
			connection_end(latency_segment, known[i].entry,
				       now_ns);
		}
		if (latest.xconn == known[i].xconn) {
			latest = (struct known){ .xconn = NULL };
		}
	}
	count = kept;
}

void connections_sample(const struct smbXsrv_client *client)
{
	const struct smbXsrv_connection *xconn;
	uint32_t least_us = LATENCY_PHASE_NETWORK_MAX;
	uint64_t now_ns = clock_read_ns(CLOCK_REALTIME);

	for (xconn = client->connections; xconn != NULL; xconn = xconn->next) {
		struct connection_figures f = { .min_rtt_us = 0 };
		bool told = tcp_figures_read(xconn->transport.sock, &f);
		struct known *k = find(xconn);

		if (k != NULL) {
			k->seen = true;
			if (k->entry != NULL) {
				connection_sampled(k->entry, dialect_of(xconn),
						   told ? &f : NULL, now_ns);
			}
		}
		if (f.min_rtt_us < least_us) {
			least_us = f.min_rtt_us;
		}
	}
	end_others(now_ns);
	network_measured(&turn.network,
			 client->connections == NULL ? 0 : least_us);
}

void connections_count(const struct smbd_smb2_request *smb2req)
{
	const struct smbXsrv_connection *xconn = smb2req->xconn;

	if (unlikely(xconn == NULL)) {
		return;
	}
	if (unlikely(latest.xconn != xconn ||
		     latest.channel_id != xconn->channel_id)) {
		const struct known *k = find(xconn);

		if (k == NULL) {
			return;
		}
		latest = *k;
	}
	if (likely(latest.entry != NULL)) {
		connection_request(latest.entry, smb2req->do_signing,
				   smb2req->do_encryption);
	}
}

void connections_forget(void)
{
	count = 0;
	latest = (struct known){ .xconn = NULL };
}
