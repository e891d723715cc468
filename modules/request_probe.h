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
 * slot: of the request's tree connect; start_ns: stamp of its arrival;
 * ns: its duration as counted; status: NTSTATUS it ended with.
 */
void request_probe_start(const struct slot_writer *slot, unsigned opcode,
			 uint64_t message_id, uint64_t start_ns);
void request_probe_end(const struct slot_writer *slot, unsigned opcode,
		       uint64_t message_id, uint64_t start_ns, uint64_t ns,
		       uint32_t status);

#endif
