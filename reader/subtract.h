/*
 * Differences of counters.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SUBTRACT_H
#define SUBTRACT_H

#include <stdint.h>

/* Not below zero: what was under way may turn out to be something else. */
static inline void subtract_from(uint64_t *value, uint64_t earlier)
{
	*value = *value > earlier ? *value - earlier : 0;
}

#endif
