/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>

#include "departed_place.h"
#include "snapshot_relate.h"

const struct segment_image *snapshot_departed(const struct snapshot *snapshot)
{
	/* They are read first. A process that has ended still has its pid. */
	return snapshot->image_count != 0 &&
		snapshot->images[0].header->kind == LATENCY_KIND_DEPARTED &&
		snapshot->images[0].header->pid == 0 ?
		&snapshot->images[0] : NULL;
}

void image_rekey(struct segment_image *image,
		 const struct segment_image *departed)
{
	struct latency_slot *slot;

	if (departed == NULL) {
		return;
	}
	for (slot = image_slot_change(image, NULL); slot != NULL;
	     slot = image_slot_change(image, slot)) {
		const struct departed_since since =
			departed_since(departed, &slot->key);

		departed_name(&slot->key, departed_place(slot, &since));
		/* It has its place now. */
		slot->began_ns = 0;
		slot->share_since_ns = since.share_ns;
		slot->key_since_ns = since.key_ns;
	}
}

void image_relate(struct segment_image *image, bool in_later,
		  const struct segment_image *departed)
{
	struct latency_header *h = (void *)image->data;

	if (h->kind == LATENCY_KIND_PROCESS && !in_later) {
		h->kind = LATENCY_KIND_DEPARTED;
		/* One that had ended already was counted as such. */
		h->processes = !image->owned;
	}
	if (h->kind == LATENCY_KIND_DEPARTED) {
		image_rekey(image, departed);
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

		image_relate(image, bsearch(&image->header->id, ids, count,
					    sizeof(*ids), compare_ids) != NULL,
			     departed);
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
