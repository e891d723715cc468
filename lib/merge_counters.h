/*
 * Adding what a slot has counted, its nodes and its files, to a slot of the new
 * file; what finds no room there goes to the last slot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef MERGE_COUNTERS_H
#define MERGE_COUNTERS_H

#include "merge.h"

/*
 * Adds a slot of an image to one of the new file, the last one if NULL, and
 * notes it as source->to. Returns false if the file system or memory is full.
 */
bool merge_counters_add(struct merge *m, struct departed_source *source,
			struct slot_writer *s);

#endif
