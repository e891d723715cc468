/*
 * The ring of slow ops and requests as its process writes it; struct
 * latency_slow has the protocol.
 *
 * This file must not know when something is slow.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SLOW_WRITER_H
#define SLOW_WRITER_H

#include "segment_writer.h"

/*
 * A new entry, to be filled in until slow_end(); around is all 0. NULL: there
 * is no room for the ring.
 */
struct latency_slow *slow_begin(struct segment_writer *w);
void slow_end(struct segment_writer *w, struct latency_slow *entry);

#endif
