/*
 * Copying a mapped segment while its owner writes, and checking the copy. It
 * knows nothing of files: segment_reader.c maps them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SEGMENT_COPY_H
#define SEGMENT_COPY_H

#include "latency_error.h"
#include "segment_image.h"

/*
 * Fills image->data from the mapping at shared, both of image->size bytes, at
 * least a header; image->name, owned and header are set, the data are 0. taken
 * has a byte of 0 for each line. Returns false with *error if anything in the
 * copy makes no sense; the next try may succeed, since the owner goes on.
 */
bool segment_copy(struct segment_image *image, const void *shared,
		  unsigned char *taken, struct latency_error *error);

#endif
