/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "merge_slow_ops.h"

static struct slot_writer *slot_of(const struct merge *m, unsigned image,
				   const struct latency_slot *slot)
{
	unsigned i;

	for (i = 0; i < m->count; i++) {
		if (m->sources[i].image == image &&
		    m->sources[i].slot == slot) {
			return m->sources[i].to;
		}
	}
	return NULL;
}

static void renumber_around(const struct merge_frames *frames,
			    struct latency_slow *slow)
{
	unsigned i;

	if (LATENCY_FRAME_LAYER(slow->frame) == 0) {
		return;
	}
	for (i = 0; i < LATENCY_SLOW_AROUND; i++) {
		int frame = merge_frame(frames, slow->around[i]);

		slow->around[i] = frame > 0 ? (uint16_t)frame : 0;
	}
}

void merge_slow_ops_add(struct merge *m, unsigned which)
{
	const struct segment_image *image = &m->images[which];
	const struct merge_frames *frames = &m->frames[which];
	const struct latency_header *h = image->header;
	const struct latency_slow_ring *from = image_at(image, h->slow_ring);
	struct latency_slow_ring *ring;
	uint64_t n, first;

	ring = h->slow_ring != 0 ? segment_slow_ring(m->to) : NULL;
	if (ring == NULL) {
		return;
	}
	first = from->written > LATENCY_SLOW_ENTRIES ?
		from->written - LATENCY_SLOW_ENTRIES : 0;
	if (h->kind == LATENCY_KIND_DEPARTED) {
		ring->written = first;
	}
	for (n = first; n < from->written; n++) {
		const struct latency_slow *slow =
			&from->entry[n % LATENCY_SLOW_ENTRIES];
		struct latency_slow *entry =
			&ring->entry[ring->written % LATENCY_SLOW_ENTRIES];
		int frame = merge_frame(frames, slow->frame);
		struct slot_writer *s;

		if (slow->number != n + 1 || frame < 0) {
			continue;
		}
		s = slot_of(m, which, image_at(image, slow->slot));
		if (s == NULL) {
			continue;
		}
		*entry = *slow;
		renumber_around(frames, entry);
		entry->frame = (uint16_t)frame;
		entry->slot = s->line;
		entry->number = ++ring->written;
	}
}
