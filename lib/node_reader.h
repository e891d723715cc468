/*
 * Copies and checks the nodes of a slot, with all they lead to.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef NODE_READER_H
#define NODE_READER_H

#include "segment_reading.h"

/*
 * Of a slot that has been copied itself. Each node is one that its writer could
 * have left: its buckets add up to its count. Returns false after bad() if
 * something makes no sense.
 */
bool nodes_read(struct reading *reading, const struct latency_slot *slot);

#endif
