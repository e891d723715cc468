/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "hash.h"

void hash_grow(struct hash *h)
{
	const struct hash old = *h;
	struct hash_item *item, *next;
	struct hash_item **bucket;
	size_t i;

	/* The old ones stay: together they are a third of the new ones. */
	bucket = arena_alloc(&h->arena,
			     sizeof(struct hash_item *) << (old.bits + 2));
	if (bucket == NULL) {
		return;
	}
	h->bucket = bucket;
	h->bits += 2;
	for (i = 0; i < (size_t)1 << old.bits; i++) {
		for (item = old.bucket[i]; item != NULL; item = next) {
			next = item->next;
			hash_put(h, item);
		}
	}
}

void hash_forget(struct hash *h)
{
	arena_free(&h->arena);
	memset(h, 0, sizeof(*h));
	h->bucket = h->few;
	h->bits = HASH_FEW_BITS;
}
