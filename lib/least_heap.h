/*
 * Which of some numbers has the least weight: a binary heap whose weights may
 * change. A change takes O(log n) at most, and next to nothing where a weight
 * grows that was among the larger ones.
 *
 * This file must not know what the numbers and weights are of.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LEAST_HEAP_H
#define LEAST_HEAP_H

#include <stdint.h>

#define LEAST_HEAP_MOST 128u

struct least_heap {
	unsigned count;
	uint64_t weight[LEAST_HEAP_MOST];	/* by number */
	uint8_t place[LEAST_HEAP_MOST];		/* in number[], by number */
	/* No weight is less than that of the number at half its index. */
	uint8_t number[LEAST_HEAP_MOST];
};

/* The next number, from 0 on, of at most LEAST_HEAP_MOST. Its weight is 0. */
unsigned least_heap_add(struct least_heap *h);

/* A number's weight is another one. */
void least_heap_set(struct least_heap *h, unsigned number, uint64_t weight);

/* The one of the least weight; there is at least one. */
static inline unsigned least_heap_first(const struct least_heap *h)
{
	return h->number[0];
}

#endif
