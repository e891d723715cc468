/*
 * A hash table of things that hold their own link, by a key of 64 bits. Keys
 * need not be unique. It grows with what it holds, so that finding, adding
 * and taking out take the same time whatever a client has made it hold.
 *
 *	static struct hash things = HASH(things);
 *
 * or hash_forget() on one that is all zero.
 *
 * What finds no room to grow only becomes slower.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

#include "arena.h"

#define HASH_FEW_BITS 6

#pragma GCC visibility push(hidden)

struct hash_item {
	struct hash_item *next;		/* in its bucket */
	uint64_t key;
};

struct hash {
	struct hash_item **bucket;
	unsigned bits;			/* 2^bits buckets */
	size_t items;
	struct arena arena;		/* what bucket was and is made of */
	struct hash_item *few[1 << HASH_FEW_BITS]; /* until there are many */
};

#define HASH(name) { .bucket = (name).few, .bits = HASH_FEW_BITS }

/* The thing of this type whose member the item is. */
#define HASH_THING(item, type, member) \
	((type *)(void *)((char *)item - offsetof(type, member)))

/* Multiplying by 2^64 divided by the golden ratio spreads over the top bits. */
static inline struct hash_item **hash_bucket(const struct hash *h,
					     uint64_t key)
{
	return &h->bucket[key * 0x9e3779b97f4a7c15u >> (64 - h->bits)];
}

/* The first item from this one on that has the key; NULL: none. */
static inline struct hash_item *hash_search(struct hash_item *item,
					    uint64_t key)
{
	while (item != NULL && item->key != key) {
		item = item->next;
	}
	return item;
}

/* The first item with this key; its others: hash_search(item->next, key). */
static inline struct hash_item *hash_find(const struct hash *h, uint64_t key)
{
	return hash_search(*hash_bucket(h, key), key);
}

static inline void hash_put(struct hash *h, struct hash_item *item)
{
	struct hash_item **bucket = hash_bucket(h, item->key);

	item->next = *bucket;
	*bucket = item;
}

/* There are many items for so few buckets: makes it four times as many. */
void hash_grow(struct hash *h);

/* Empties it, without a look at what it holds: it may be of another process. */
void hash_forget(struct hash *h);

static inline void hash_add(struct hash *h, struct hash_item *item,
			    uint64_t key)
{
	item->key = key;
	hash_put(h, item);
	if (++h->items > (size_t)1 << h->bits) {
		hash_grow(h);
	}
}

/* Takes out an item that is there. */
static inline void hash_remove(struct hash *h, struct hash_item *item)
{
	struct hash_item **link = hash_bucket(h, item->key);

	while (*link != item) {
		link = &(*link)->next;
	}
	*link = item->next;
	h->items--;
}

#pragma GCC visibility pop

#endif
