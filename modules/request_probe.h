/*
 * Fires the probes of a request, with the arguments that latency_probes.h and
 * docs/probes.md describe. To be called only while somebody listens.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REQUEST_PROBE_H
#define REQUEST_PROBE_H

#include "module.h"
#include "latency_probes.h"

/*
 * A request on this tree connect begins, or has ended. event says what its
 * caller knows: message_id, opcode, start_ns, and at the end duration_ns as
 * counted, status, bytes and path, which may be NULL.
 */
void request_probe_start(const struct slot_writer *slot,
			 struct latency_request_event *event);
void request_probe_end(const struct slot_writer *slot,
		       struct latency_request_event *event);

#endif
