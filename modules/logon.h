/*
 * How long clients wait until they can work: for a session, and for a tree
 * connect with all that smbd does for it, such as `root preexec`.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LOGON_H
#define LOGON_H

#include "module.h"
#include "slot_writer.h"

#pragma GCC visibility push(hidden)

/* A request for a tree connect has ended. */
struct logon_tree {
	struct slot_writer *slot;	/* that it was for */
	const struct smbd_smb2_request *smb2req;
	uint64_t message_id;
	uint64_t ns;			/* from its arrival to its reply */
	uint64_t ended_ns;		/* CLOCK_REALTIME */
	uint32_t error;			/* NTSTATUS; 0: success */
};

void logon_count(const struct logon_tree *tree);

#pragma GCC visibility pop

#endif
