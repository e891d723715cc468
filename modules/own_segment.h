/*
 * Makes the segment of this process, at its first tree connect, and folds those
 * of processes that have ended: some now, some when this one ends.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef OWN_SEGMENT_H
#define OWN_SEGMENT_H

#include <stdbool.h>

#pragma GCC visibility push(hidden)

/*
 * Makes it if there is none. Returns false if there is none after that, which
 * has been said in smbd's log; it is not tried again.
 */
bool own_segment_make(void);

/* In a forked child: it may have one of its own. */
void own_segment_forget(void);

#pragma GCC visibility pop

#endif
