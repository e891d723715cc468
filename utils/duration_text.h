/*
 * Durations as people read them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DURATION_TEXT_H
#define DURATION_TEXT_H

#include <stdint.h>

#define DURATION_SHOWN 32

/* "10 s", "5 min", "2 h 3 min", "4 d 1 h": the two largest units there are. */
const char *duration_show(uint64_t ns, char text[DURATION_SHOWN]);

#endif
