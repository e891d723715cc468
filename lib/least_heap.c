/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "least_heap.h"

static void put(struct least_heap *h, unsigned place, unsigned number)
{
	h->number[place] = (uint8_t)number;
	h->place[number] = (uint8_t)place;
}

static uint64_t weight_at(const struct least_heap *h, unsigned place)
{
	return h->weight[h->number[place]];
}

/* The lighter one of those below a place; or count, if there is none. */
static unsigned lighter_below(const struct least_heap *h, unsigned place)
{
	unsigned below = 2 * place + 1;

	if (below >= h->count) {
		return h->count;
	}
	return below + 1 < h->count &&
		weight_at(h, below + 1) < weight_at(h, below) ?
		below + 1 : below;
}

void least_heap_set(struct least_heap *h, unsigned number, uint64_t weight)
{
	unsigned place = h->place[number], other;

	h->weight[number] = weight;
	while (place > 0 && weight < weight_at(h, other = (place - 1) / 2)) {
		put(h, place, h->number[other]);
		place = other;
	}
	while ((other = lighter_below(h, place)) < h->count &&
	       weight_at(h, other) < weight) {
		put(h, place, h->number[other]);
		place = other;
	}
	put(h, place, number);
}

unsigned least_heap_add(struct least_heap *h)
{
	unsigned number = h->count++;

	put(h, number, number);
	least_heap_set(h, number, 0);
	return number;
}
