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
 * An op of this place begins. message_id: of the request that it is for, if it
 * is for one. path may be NULL.
 */
void op_probe_begin(const struct place *place, uint64_t message_id,
		    const char *path);

/* ns is the duration as counted; slow: fire slow_op as well. */
void op_probe_end(const struct place *place, uint64_t message_id, uint64_t ns,
		  uint32_t error, uint64_t bytes, const char *path, bool slow);

#pragma GCC visibility pop

#endif
