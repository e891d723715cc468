/*
 * What the probes tell, as the structs that their argument `details` points
 * to. Also for bpftrace scripts, which see six arguments of a probe only:
 * they include this file (tools/ says how). So it has no types but C's own.
 *
 * All fields have 8 bytes. New fields are added at the end. Strings are never
 * NULL; what there is not is an empty string.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LATENCY_EVENTS_H
#define LATENCY_EVENTS_H

/* Of op_entry, op_return, <op>_entry, <op>_return, slow_op. */
struct latency_op_event {
	const char *op;
	const char *layer;		/* as named in `vfs objects` */
	const char *share;
	const char *user;
	const char *client;		/* address */
	const char *path;		/* relative to the share */
	unsigned long long path_length;	/* bytes */
	long long opcode;		/* of the SMB2 request; -1: none */
	unsigned long long message_id;	/* of that request */
	unsigned long long async;	/* 1: a send/recv pair */

	/* 0 in an entry. */
	unsigned long long duration_ns;	/* as counted */
	unsigned long long bytes;	/* read or written */
	unsigned long long error;	/* errno or NTSTATUS; 0: success */

	unsigned long long offset;	/* in the file; ~0: not known */
};

/* Of request_start and request_end. */
struct latency_request_event {
	unsigned long long message_id;
	unsigned long long opcode;
	const char *name;		/* of the opcode: CREATE */
	const char *share;
	const char *user;
	const char *client;		/* address */
	unsigned long long start_ns;	/* of CLOCK_MONOTONIC: its arrival */

	/* 0 in a start. */
	unsigned long long duration_ns;	/* as counted */
	unsigned long long status;	/* NTSTATUS; 0xffffffff: not known */

	/* "" and 0 in a start. */
	const char *path;		/* relative to the share */
	unsigned long long path_length;	/* bytes */
	unsigned long long bytes;	/* read or written */
};

/* Of turn: how the time of one turn of the event loop was spent. */
struct latency_turn_event {
	unsigned long long vfs_ns;	/* in synchronous VFS calls */
	unsigned long long smb_ns;	/* on SMB2 requests, outside the VFS */
	unsigned long long receive_ns;	/* receiving requests */
	unsigned long long send_ns; /* signing, encrypting, sending replies */
	unsigned long long other_ns;
};

#endif
