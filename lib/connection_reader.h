/*
 * Copies and checks the transport connections of a segment.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CONNECTION_READER_H
#define CONNECTION_READER_H

#include "segment_reading.h"

/* Returns false after bad() if something makes no sense. */
bool connections_read(struct reading *reading);

#endif
