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

/* Adds what is known of the slot, and the name. */
static void describe(const struct slot_writer *slot,
		     struct latency_request_event *e)
{
	const struct latency_slot_key *key = &slot->slot->key;

	e->name = probe_string(opcode_name((unsigned)e->opcode));
	e->share = probe_string(key->share);
	e->user = probe_string(key->user);
	e->client = probe_string(key->client);
	if (e->path == NULL) {
		e->path = "";
	}
	e->path_length = strlen(probe_string(e->path));
}

void request_probe_start(const struct slot_writer *slot,
			 struct latency_request_event *event)
{
	describe(slot, event);
	PROBE_REQUEST_START(event);
}

void request_probe_end(const struct slot_writer *slot,
		       struct latency_request_event *event)
{
	describe(slot, event);
	PROBE_REQUEST_END(event);
}
