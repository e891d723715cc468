/*
 * A number with a fraction as a whole one. What is computed of a segment that
 * nobody has counted may be any: out of range, a conversion is undefined.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef WHOLE_H
#define WHOLE_H

#include <stdint.h>

/* Rounded down; 0: less, or no number; UINT64_MAX: more. */
static inline uint64_t whole(double number)
{
	if (!(number > 0)) {
		return 0;
	}
	return number < 0x1p64 ? (uint64_t)number : UINT64_MAX;
}

#endif
