/*
 * Writes the end of an op to the trace. Called only while somebody reads it.
 *
 * This file must not know what a request is.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OP_TRACE_H
#define OP_TRACE_H

#include "place.h"
#include "trace_writer.h"

#pragma GCC visibility push(hidden)

/*
 * An op of this place has ended. event says what its caller knows; message_id
 * and request are of the current request, and left out if it is for none.
 */
void op_trace(const struct place *place, struct latency_event *event);

#pragma GCC visibility pop

#endif
