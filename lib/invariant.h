/*
 * Invariants of our own: checked in developers' builds and in the sanitized
 * unit tests, nothing in what is installed. Whatever comes out of a file is no
 * invariant: it is checked, always, and refused.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef INVARIANT_H
#define INVARIANT_H

#ifdef LATENCY_INVARIANTS
#include <assert.h>
#define INVARIANT(condition) assert(condition)
#else
#define INVARIANT(condition) ((void)sizeof((condition) ? 1 : 0))
#endif

#endif
