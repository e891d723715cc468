/*
 * The slots of the new file: to which one each slot of an image goes, and when
 * the names of those without one of their own were merged.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef MERGE_SLOTS_H
#define MERGE_SLOTS_H

#include "merge.h"

/*
 * Adds all sources as they were planned, the most used share first, unless the
 * file becomes too large: then keys, and at last shares, are merged as well.
 * Returns false if the file system or memory is full.
 */
bool merge_slots_add(struct merge *m);

#endif
