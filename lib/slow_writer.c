/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "slow_writer.h"

struct latency_slow *slow_begin(struct segment_writer *w)
{
	struct latency_slow_ring *ring = segment_slow_ring(w);
	struct latency_slow *entry;

	if (ring == NULL) {
		return NULL;
	}
	entry = &ring->entry[ring->written % LATENCY_SLOW_ENTRIES];
	seq_write_begin(&entry->seq);
	entry->number = ring->written + 1;
	memset(entry->around, 0, sizeof(entry->around));
	return entry;
}

void slow_end(struct segment_writer *w, struct latency_slow *entry)
{
	seq_write_end(&entry->seq);
	/* Only merging goes by it, when the process has ended. */
	word_publish(&segment_slow_ring(w)->written, entry->number);
}
