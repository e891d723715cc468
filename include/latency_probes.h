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
 * docs/probes.md describes the arguments. They are in a struct of
 * latency_events.h, filled in only while somebody listens: a tracer counts
 * itself into the semaphore of a probe, and PROBE_IS_ON() reads that word.
 *
 * All entry probes of ops share one semaphore and all return probes another,
 * so that it can be seen between two event-loop turns whether somebody listens
 * at all, and a wrapper need not look. The price is that a tracer of one op
 * makes all ops prepare their arguments.
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
#include "latency_events.h"

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

/*
 * The barrier: what the arguments point to must be in memory by then. They
 * must not be global variables themselves, which not every tracer can read.
 */
#define PROBE_FIRE(provider, probe, n, ...) \
	do { \
		__asm__ volatile("" : : : "memory"); \
		STAP_PROBE##n(provider, probe, __VA_ARGS__); \
	} while (0)

#else

#define PROBE_IS_ON(provider, probe) false
#define PROBE_DECLARE(provider, probe) \
	_Static_assert(true, "a declaration, for its semicolon")
#define PROBE_SEMAPHORE(provider, probe) PROBE_DECLARE(provider, probe)
#define PROBE_SEMAPHORE_OF(provider, probe, other) \
	PROBE_DECLARE(provider, probe)
#define PROBE_FIRE(provider, probe, n, first, ...) ((void)(first))

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
 * The arguments, in this order. bpftrace has six at most: the most wanted
 * come first, and the sixth, or the last, leads to all of them.
 */
#define PROBE_OP_ENTRY(probe, e) \
	PROBE_FIRE(vfs_latency, probe, 10, (e)->op, (e)->path, (e)->opcode, \
		   (e)->message_id, (e)->async, (e), (e)->layer, (e)->share, \
		   (e)->user, (e)->client)
#define PROBE_OP_RETURN(probe, e) \
	PROBE_FIRE(vfs_latency, probe, 12, (e)->op, (e)->path, \
		   (e)->duration_ns, (e)->bytes, (e)->error, (e), \
		   (e)->layer, (e)->share, (e)->user, (e)->client, \
		   (e)->opcode, (e)->message_id)

#define PROBE_REQUEST_START(e) \
	PROBE_FIRE(smb2, request_start, 8, (e)->message_id, (e)->opcode, \
		   (e)->start_ns, (e)->name, (e)->share, (e), (e)->user, \
		   (e)->client)
#define PROBE_REQUEST_END(e) \
	PROBE_FIRE(smb2, request_end, 12, (e)->message_id, (e)->opcode, \
		   (e)->duration_ns, (e)->status, (e)->name, (e), \
		   (e)->share, (e)->user, (e)->client, (e)->start_ns, \
		   (e)->path, (e)->bytes)

/*
 * Waiting for "client" or "async"; async ops in flight; nanoseconds: of other
 * work since the last turn, of the wait.
 */
#define PROBE_WAIT_START(what, in_flight, other_ns) \
	PROBE_FIRE(vfs_latency, wait_start, 3, what, in_flight, other_ns)
#define PROBE_WAIT_END(what, in_flight, ns) \
	PROBE_FIRE(vfs_latency, wait_end, 3, what, in_flight, ns)
#define PROBE_TURN(e) \
	PROBE_FIRE(vfs_latency, turn, 5, (e)->vfs_ns, (e)->smb_ns, \
		   (e)->receive_ns, (e)->send_ns, (e)->other_ns)

#endif
