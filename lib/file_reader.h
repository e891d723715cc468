/*
 * Copies and checks the files that a slot lists.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FILE_READER_H
#define FILE_READER_H

#include "segment_reading.h"

/*
 * Of a slot that has been copied itself. If the image is to be without files
 * the slot lists none. Returns false after bad() if something makes no sense.
 */
bool files_read(struct reading *reading, struct latency_slot *slot);

#endif
