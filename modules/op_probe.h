/*
 * Fires the probes of an op, with the arguments that latency_probes.h and
 * docs/probes.md describe. Called only while somebody listens.
 *
 * This file must not know what a request is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_PROBE_H
#define OP_PROBE_H

#include "latency_probes.h"
#include "place.h"

#pragma GCC visibility push(hidden)

/*
 * An op of this place begins, or has ended. event says what its caller knows:
 * path, which may be NULL, offset, and at the end duration_ns as counted, bytes
 * and error; message_id is that of the current request, and left out if it is
 * for none. slow: fire slow_op as well.
 */
void op_probe_begin(const struct place *place, struct latency_op_event *event);
void op_probe_end(const struct place *place, struct latency_op_event *event,
		  bool slow);

#pragma GCC visibility pop

#endif
