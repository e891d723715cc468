/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "request_probe.h"
#include "probe_string.h"

PROBE_SEMAPHORE(smb2, request_start);
PROBE_SEMAPHORE(smb2, request_end);

static const char *opcode_name(unsigned opcode)
{
	static const char *const names[LATENCY_OPCODES] = {
#define OPCODE(value, name, tree) [value] = #name,
#include "latency_opcodes.h"
	};
	const char *name = opcode < LATENCY_OPCODES ? names[opcode] : NULL;

	return name != NULL ? name + strlen("SMB2_OP_") : "";
}

static struct latency_request_event describe(const struct slot_writer *slot,
					     unsigned opcode,
					     uint64_t message_id,
					     uint64_t start_ns)
{
	return (struct latency_request_event){
		.message_id = message_id,
		.opcode = opcode,
		.name = probe_string(opcode_name(opcode)),
		.share = probe_string(slot->slot->key.share),
		.user = probe_string(slot->slot->key.user),
		.client = probe_string(slot->slot->key.client),
		.start_ns = start_ns,
	};
}

void request_probe_start(const struct slot_writer *slot, unsigned opcode,
			 uint64_t message_id, uint64_t start_ns)
{
	struct latency_request_event e = describe(slot, opcode, message_id,
						  start_ns);

	PROBE_REQUEST_START(&e);
}

void request_probe_end(const struct slot_writer *slot, unsigned opcode,
		       uint64_t message_id, uint64_t start_ns, uint64_t ns,
		       uint32_t status)
{
	struct latency_request_event e = describe(slot, opcode, message_id,
						  start_ns);

	e.duration_ns = ns;
	e.status = status;
	PROBE_REQUEST_END(&e);
}
