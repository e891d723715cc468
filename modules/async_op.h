/*
 * Asynchronous ops: send/recv pairs, measured from before send to after recv.
 *
 *	start_ns = async_op_begin(handle, OP_pread, path);
 *	if (start_ns == 0) {
 *		return call_send(next, ...);
 *	}
 *	req = call_send(next, ...);
 *	async_op_sent(start_ns, req, path);
 *
 * and in the recv function
 *
 *	async_op_resume(req);
 *	result = call_recv(next, req, ...);
 *	async_op_received(req, error, bytes, service_ns);
 *
 * What is in flight is counted in turn.async_in_flight. Allocates nothing but a
 * small talloc child of the tevent_req, unless more ops are in flight than ever
 * before.
 *
 * Limitation: an op whose tevent_req is freed before the recv function is
 * called (cancelled, client gone) leaves no count.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ASYNC_OP_H
#define ASYNC_OP_H

#include "op_path.h"

#pragma GCC visibility push(hidden)

/* Begins a send function; returns its start in ns, 0 if it is not timed. */
uint64_t async_op_begin(struct vfs_handle_struct *handle, unsigned op,
			      struct op_path path);

/*
 * The send function has returned req, NULL if it failed, for an op on path,
 * which must stay valid until the recv function has returned.
 */
void async_op_sent(uint64_t start_ns, struct tevent_req *req,
		   struct op_path path);

/*
 * The recv function has returned. error is 0 for success; service_ns is how
 * long the system call took, 0 if that is unknown.
 */
void async_op_received(struct tevent_req *req, uint32_t error, uint64_t bytes,
		       uint64_t service_ns);

/* Call first thing in a recv function: makes its request the current one. */
void async_op_resume(struct tevent_req *req);

/* In a forked child: what is in flight is the parent's. */
void async_op_forget(void);

#pragma GCC visibility pop

#endif
