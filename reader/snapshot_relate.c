/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "name.h"
#include "segment_fold.h"
#include "snapshot_relate.h"

const struct segment_image *snapshot_departed(const struct snapshot *snapshot)
{
	/* They are read first. A process that has ended still has its pid. */
	return snapshot->image_count != 0 &&
		snapshot->images[0].header->kind == LATENCY_KIND_DEPARTED &&
		snapshot->images[0].header->pid == 0 ?
		&snapshot->images[0] : NULL;
}

static bool has_key(const struct segment_image *departed,
		    const struct latency_slot_key *key)
{
	const struct latency_slot *slot;

	for (slot = image_slot(departed, NULL); slot != NULL;
	     slot = image_slot(departed, slot)) {
		if (slot_key_same(&slot->key, key)) {
			return true;
		}
	}
	return false;
}

/* How many slots for the others of a share there are; *last: for all else. */
static unsigned count_others(const struct segment_image *departed, bool *last)
{
	const struct latency_slot *slot;
	unsigned count = 0;

	*last = false;
	for (slot = image_slot(departed, NULL); slot != NULL;
	     slot = image_slot(departed, slot)) {
		if (strcmp(slot->key.user, DEPARTED_OTHERS) == 0 &&
		    strcmp(slot->key.client, DEPARTED_OTHERS) == 0) {
			count++;
			*last |= strcmp(slot->key.share, DEPARTED_OTHERS) == 0;
		}
	}
	return count - *last;
}

void image_rekey(struct segment_image *image,
		 const struct segment_image *departed)
{
	struct latency_slot *slot;
	unsigned others;
	bool last;

	if (departed == NULL) {
		return;
	}
	others = count_others(departed, &last);
	if (departed->header->slots < DEPARTED_SLOTS && others == 0 && !last) {
		return;
	}
	for (slot = image_slot_change(image, NULL); slot != NULL;
	     slot = image_slot_change(image, slot)) {
		struct latency_slot_key *key = &slot->key;

		if (has_key(departed, key)) {
			continue;
		}
		strcpy(key->user, DEPARTED_OTHERS);
		strcpy(key->client, DEPARTED_OTHERS);
		if (!has_key(departed, key) &&
		    (last || others >= DEPARTED_SHARES)) {
			strcpy(key->share, DEPARTED_OTHERS);
			key->objects[0] = '\0';
		}
	}
}

static int compare_ids(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return x < y ? -1 : x > y;
}

bool snapshot_relate(struct snapshot *earlier, const struct snapshot *later)
{
	const struct segment_image *departed = snapshot_departed(later);
	uint64_t *ids = calloc(later->image_count + 1, sizeof(*ids));
	unsigned i, count = 0;

	if (ids == NULL) {
		return false;
	}
	for (i = 0; i < later->image_count; i++) {
		if (later->images[i].header->kind == LATENCY_KIND_PROCESS) {
			ids[count++] = later->images[i].header->id;
		}
	}
	qsort(ids, count, sizeof(*ids), compare_ids);

	for (i = 0; i < earlier->image_count; i++) {
		struct segment_image *image = &earlier->images[i];
		struct latency_header *h = (void *)image->data;

		if (h->kind == LATENCY_KIND_PROCESS &&
		    bsearch(&h->id, ids, count, sizeof(*ids), compare_ids) ==
		    NULL) {
			h->kind = LATENCY_KIND_DEPARTED;
			h->processes = 0;
		}
		if (h->kind == LATENCY_KIND_DEPARTED) {
			image_rekey(image, departed);
		}
	}
	free(ids);
	return true;
}

void image_rename(struct segment_image *image, const struct filter *filter,
		  void (*rename)(void *private_data,
				 struct latency_slot_key *key),
		  void *private_data)
{
	struct latency_slot *slot;

	for (slot = image_slot_change(image, NULL); slot != NULL;
	     slot = image_slot_change(image, slot)) {
		if (filter_slot(filter, slot)) {
			rename(private_data, &slot->key);
		}
	}
}
