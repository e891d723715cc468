/*
 * The USDT providers: what a probe looks like, and that it costs nothing.
 *
 * Provider vfs_latency:
 *	op_entry, op_return		every op
 *	<op>_entry, <op>_return		the same, of one op of latency_ops.h
 *	slow_op				an op above the threshold
 *	wait_start, wait_end		the event loop waits
 *	turn				the event loop has run one handler
 * Provider smb2:
 *	request_start, request_end	an SMB2 request
 *
 * docs/probes.md describes the arguments. They are in a struct that the code
 * around a probe fills in only while somebody listens: a tracer counts itself
 * into the semaphore of a probe, and PROBE_IS_ON() reads that one word.
 *
 * All entry probes of ops share one semaphore and all return probes another,
 * so that a wrapper tests one word before and one after the call; the probes
 * themselves are out of its way. The price is that a tracer of one op makes
 * all ops prepare their arguments.
 *
 * Without <sys/sdt.h> a semaphore is the constant 0, and the compiler removes
 * all of it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LATENCY_PROBES_H
#define LATENCY_PROBES_H

#include <stdbool.h>
#include <stdint.h>

#include "latency_config.h"

#ifdef HAVE_SYS_SDT_H

#define _SDT_HAS_SEMAPHORES 1
#include <sys/sdt.h>

/* Does somebody listen to this probe, or to one that shares its semaphore? */
#define PROBE_IS_ON(provider, probe) \
	__builtin_expect(*(volatile const unsigned short *) \
			 &provider##_##probe##_semaphore != 0, 0)

#define PROBE_DECLARE(provider, probe) \
	extern unsigned short provider##_##probe##_semaphore \
		__attribute__((visibility("hidden")))

/* Makes the semaphore; once, in the file where the probe is. */
#define PROBE_SEMAPHORE(provider, probe) \
	unsigned short provider##_##probe##_semaphore \
		__attribute__((section(".probes"), visibility("hidden")))

/* The same word under another probe's name. */
#define PROBE_SEMAPHORE_OF(provider, probe, other) \
	extern unsigned short provider##_##probe##_semaphore \
		__attribute__((alias(#provider "_" #other "_semaphore"), \
			       visibility("hidden")))

#define PROBE_FIRE(provider, probe, n, ...) \
	STAP_PROBE##n(provider, probe, __VA_ARGS__)

#else

#define PROBE_IS_ON(provider, probe) false
#define PROBE_DECLARE(provider, probe) \
	_Static_assert(true, "a declaration, for its semicolon")
#define PROBE_SEMAPHORE(provider, probe) PROBE_DECLARE(provider, probe)
#define PROBE_SEMAPHORE_OF(provider, probe, other) \
	PROBE_DECLARE(provider, probe)
#define PROBE_FIRE(provider, probe, n, ...) ((void)0)

#endif

PROBE_DECLARE(vfs_latency, op_entry);
PROBE_DECLARE(vfs_latency, op_return);
PROBE_DECLARE(vfs_latency, slow_op);
PROBE_DECLARE(vfs_latency, wait_start);
PROBE_DECLARE(vfs_latency, wait_end);
PROBE_DECLARE(vfs_latency, turn);
PROBE_DECLARE(smb2, request_start);
PROBE_DECLARE(smb2, request_end);

/*
 * What the probes of an op tell. Strings are never NULL; what an op does not
 * have is an empty string. The last three are of op_return and slow_op only.
 */
struct probe_op {
	const char *op;
	const char *layer;
	const char *share;
	const char *user;
	const char *client;
	const char *path;
	int64_t opcode;			/* of the SMB2 request; -1: none */
	uint64_t message_id;		/* of that request */
	uint64_t async;			/* 1: a send/recv pair */
	uint64_t duration_ns;		/* as counted */
	uint64_t bytes;
	uint64_t error;			/* errno or NTSTATUS; 0: success */
};

#define PROBE_OP_ENTRY(probe, e) \
	PROBE_FIRE(vfs_latency, probe, 9, (e)->op, (e)->layer, (e)->share, \
		   (e)->user, (e)->client, (e)->path, (e)->opcode, \
		   (e)->message_id, (e)->async)

#define PROBE_OP_RETURN(probe, e) \
	PROBE_FIRE(vfs_latency, probe, 12, (e)->op, (e)->layer, (e)->share, \
		   (e)->user, (e)->client, (e)->path, (e)->opcode, \
		   (e)->message_id, (e)->async, (e)->duration_ns, (e)->bytes, \
		   (e)->error)

/* What the probes of a request tell; the last two are of request_end only. */
struct probe_request {
	uint64_t message_id;
	uint64_t opcode;
	const char *name;		/* of the opcode, "CREATE" */
	const char *share;
	const char *user;
	const char *client;
	uint64_t start_ns;		/* CLOCK_MONOTONIC of its arrival */
	uint64_t duration_ns;		/* as counted */
	uint64_t status;		/* NTSTATUS of the reply */
};

#define PROBE_REQUEST_START(e) \
	PROBE_FIRE(smb2, request_start, 7, (e)->message_id, (e)->opcode, \
		   (e)->name, (e)->share, (e)->user, (e)->client, \
		   (e)->start_ns)

#define PROBE_REQUEST_END(e) \
	PROBE_FIRE(smb2, request_end, 9, (e)->message_id, (e)->opcode, \
		   (e)->name, (e)->share, (e)->user, (e)->client, \
		   (e)->start_ns, (e)->duration_ns, (e)->status)

/*
 * Waiting: for whom ("client" or "async"), and how many async ops are open;
 * then for how long. Turn: how its time was split, as in struct latency_time.
 */
#define PROBE_WAIT_START(what, in_flight) \
	PROBE_FIRE(vfs_latency, wait_start, 2, what, in_flight)
#define PROBE_WAIT_END(what, in_flight, ns) \
	PROBE_FIRE(vfs_latency, wait_end, 3, what, in_flight, ns)
#define PROBE_TURN(vfs_ns, smb_ns, receive_ns, send_ns, other_ns) \
	PROBE_FIRE(vfs_latency, turn, 5, vfs_ns, smb_ns, receive_ns, send_ns, \
		   other_ns)

#endif
