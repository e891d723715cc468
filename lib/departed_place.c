/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "departed_place.h"
#include "name.h"

bool departed_is_others(const struct latency_slot_key *key)
{
	return strcmp(key->user, DEPARTED_OTHERS) == 0 &&
		strcmp(key->client, DEPARTED_OTHERS) == 0;
}

/* Is it that of all shares? */
static bool departed_is_last(const struct latency_slot_key *key)
{
	return departed_is_others(key) &&
		strcmp(key->share, DEPARTED_OTHERS) == 0;
}

bool departed_share_same(const struct latency_slot_key *a,
			 const struct latency_slot_key *b)
{
	return strcmp(a->share, b->share) == 0 &&
		strcmp(a->objects, b->objects) == 0;
}

uint64_t *departed_merged(struct latency_merged *merged,
			  enum departed_names names,
			  const struct latency_slot_key *key)
{
	uint64_t *const tables[] = {
		[DEPARTED_SHARE] = merged->share_ns,
		[DEPARTED_USER] = merged->user_ns,
		[DEPARTED_CLIENT] = merged->client_ns,
		[DEPARTED_KEY] = merged->key_ns,
	};
	uint64_t h = names_hash(names_hash(NAMES_HASH, key->share),
				key->objects);

	if (names == DEPARTED_USER || names == DEPARTED_KEY) {
		h = names_hash(h, key->user);
	}
	if (names == DEPARTED_CLIENT || names == DEPARTED_KEY) {
		h = names_hash(h, key->client);
	}
	return &tables[names][(h ^ h >> 32) % LATENCY_MERGED];
}

/* The same, of departed that have perhaps no such table. */
static uint64_t merged_ns(const struct segment_image *departed,
			  enum departed_names names,
			  const struct latency_slot_key *key)
{
	if (departed == NULL || departed->header->merged == 0) {
		return 0;
	}
	/* It is not changed. */
	return *departed_merged((struct latency_merged *)image_at(
			departed, departed->header->merged), names, key);
}

struct departed_since departed_since(const struct segment_image *departed,
				     const struct latency_slot_key *key)
{
	struct departed_since since = {
		.share_ns = merged_ns(departed, DEPARTED_SHARE, key),
		.key_ns = merged_ns(departed, DEPARTED_KEY, key),
	};
	const struct latency_slot *slot;

	for (slot = departed == NULL ? NULL : image_slot(departed, NULL);
	     slot != NULL; slot = image_slot(departed, slot)) {
		if (!departed_share_same(&slot->key, key)) {
			continue;
		}
		since.share_ns = slot->share_since_ns;
		if (slot_key_same(&slot->key, key)) {
			since.key_ns = slot->key_since_ns;
			break;
		}
	}
	return since;
}

/* Is it kept apart since before it began, or is it the very one? */
static bool is_apart(const struct latency_slot *slot, uint64_t own_since_ns,
		     uint64_t since_ns)
{
	return slot->began_ns != 0 ? slot->began_ns > since_ns :
		own_since_ns == since_ns;
}

enum departed_place departed_place(const struct latency_slot *slot,
				   const struct departed_since *since)
{
	if (departed_is_last(&slot->key) ||
	    !is_apart(slot, slot->share_since_ns, since->share_ns)) {
		return DEPARTED_LAST;
	}
	if (departed_is_others(&slot->key) ||
	    !is_apart(slot, slot->key_since_ns, since->key_ns)) {
		return DEPARTED_IN_SHARE;
	}
	return DEPARTED_OWN;
}

void departed_name(struct latency_slot_key *key, enum departed_place place)
{
	if (place == DEPARTED_OWN) {
		return;
	}
	strcpy(key->user, DEPARTED_OTHERS);
	strcpy(key->client, DEPARTED_OTHERS);
	if (place == DEPARTED_LAST) {
		strcpy(key->share, DEPARTED_OTHERS);
		key->objects[0] = '\0';
	}
}

bool departed_shown(const struct segment_image *departed,
		    enum departed_names names, const struct latency_slot *slot)
{
	const uint64_t oldest_ns = slot->began_ns != 0 ? slot->began_ns :
		slot->oldest_ns;

	return oldest_ns > merged_ns(departed, names, &slot->key);
}
