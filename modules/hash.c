/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "hash.h"

void hash_grow(struct hash *h)
{
	const struct hash old = *h;
	struct hash_item *item, *next;
	struct hash_item **bucket;
	size_t i;

	bucket = calloc((size_t)4 << old.bits, sizeof(struct hash_item *));
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
	if (old.bucket != h->few) {
		free(old.bucket);
	}
}

void hash_forget(struct hash *h)
{
	if (h->bucket != h->few) {
		free(h->bucket);
	}
	memset(h, 0, sizeof(*h));
	h->bucket = h->few;
	h->bits = HASH_FEW_BITS;
}
