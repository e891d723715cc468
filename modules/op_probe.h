/*
 * Fires the probes of an op, with the arguments that latency_probes.h and
 * docs/probes.md describe. Called only while somebody listens.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_PROBE_H
#define OP_PROBE_H

#include "module.h"
#include "op_timer.h"

/* async: it is a send/recv pair. path may be NULL. */
void op_probe_begin(const struct op_timer *t, bool async, const char *path);

/* ns is the duration as counted; slow: fire slow_op as well. */
void op_probe_end(const struct op_timer *t, bool async, uint64_t ns,
		  uint32_t error, uint64_t bytes, const char *path, bool slow);

#endif
