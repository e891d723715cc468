/*
 * The slow ops of segments that are added up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef MERGE_SLOW_OPS_H
#define MERGE_SLOW_OPS_H

#include "merge.h"

/*
 * Adds the slow ops of an image, whose slots have been added: those of the
 * departed keep their place and number, those of a process come after them, so
 * a reader that follows them sees growing numbers.
 */
void merge_slow_ops_add(struct merge *m, unsigned which);

#endif
