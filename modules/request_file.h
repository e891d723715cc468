/*
 * Which file a request was for, and how much it has read or written there.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REQUEST_FILE_H
#define REQUEST_FILE_H

#include "request.h"

#pragma GCC visibility push(hidden)

/* What the reply that has just been made says of bytes; 0: nothing. */
uint32_t request_file_bytes(const struct smbd_smb2_request *smb2req,
			    uint16_t opcode);

/* An element of a known slot has ended after so many ns. */
void request_file_count(const struct request *r, uint32_t status, uint64_t ns);

#pragma GCC visibility pop

#endif
