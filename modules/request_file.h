/*
 * Which file a request was for, and how much it has read or written there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REQUEST_FILE_H
#define REQUEST_FILE_H

#include "module.h"
#include "slot_writer.h"

#pragma GCC visibility push(hidden)

/* What the reply that has just been made says of bytes; 0: nothing. */
uint32_t request_file_bytes(const struct smbd_smb2_request *smb2req,
			    uint16_t opcode);

/* What is to be counted of a request that has ended. */
struct request_end {
	const struct latency_flight *flight; /* has its path; or NULL */
	uint16_t opcode;
	uint32_t status;
	uint32_t bytes;			/* see request_file_bytes() */
	uint64_t ns;
};

void request_file_count(struct slot_writer *slot, const struct request_end *e);

#pragma GCC visibility pop

#endif
