/*
 * THE table of what is counted of a transport connection, as sums that only
 * grow.
 *
 * Define any of these macros, then include this file; what is not defined
 * expands to nothing, and all of them are undefined at the end.
 *
 *   TRANSPORT_REQUESTS(field, doc)	counted by smbd itself
 *   TRANSPORT_COUNT(field, doc)	the kernel's count
 *   TRANSPORT_TIME(field, doc)		the kernel's, in nanoseconds: field_ns
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRANSPORT_REQUESTS
#define TRANSPORT_REQUESTS(field, doc)
#endif
#ifndef TRANSPORT_COUNT
#define TRANSPORT_COUNT(field, doc)
#endif
#ifndef TRANSPORT_TIME
#define TRANSPORT_TIME(field, doc)
#endif

TRANSPORT_REQUESTS(requests, "SMB2 requests for measured shares")
TRANSPORT_REQUESTS(signed_requests,
		   "SMB2 requests that were signed but not encrypted")
TRANSPORT_REQUESTS(encrypted_requests, "SMB2 requests that were encrypted")
TRANSPORT_COUNT(bytes_sent, "bytes sent, each counted once")
TRANSPORT_COUNT(bytes_received, "bytes received, each counted once")
TRANSPORT_COUNT(segments_sent, "data segments sent, including those sent again")
TRANSPORT_COUNT(retransmits, "segments sent again because they seemed lost")
TRANSPORT_TIME(busy, "time in which there was something to send")
TRANSPORT_TIME(receiver_limited,
	       "time in which the client's receive window was full")
TRANSPORT_TIME(buffer_limited,
	       "time in which smbd's send buffer was too small")
TRANSPORT_COUNT(duplicates,
		"segments sent again that had arrived, as far as clients tell")

#undef TRANSPORT_REQUESTS
#undef TRANSPORT_COUNT
#undef TRANSPORT_TIME
