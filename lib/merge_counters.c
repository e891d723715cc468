/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "file_writer.h"
#include "merge_counters.h"

/*
 * The slot of what finds no place elsewhere; its overflow node has all it will
 * ever need. NULL: no room on the file system, or no memory.
 */
static struct slot_writer *last_slot(struct merge *m)
{
	const struct slot_key others = {
		.share = DEPARTED_OTHERS,
		.user = DEPARTED_OTHERS,
		.client = DEPARTED_OTHERS,
		.objects = "",
	};

	if (m->last != NULL) {
		return m->last;
	}
	if (merge_is_long(m)) {
		m->to->full = 0;
	}
	m->to->limit = DEPARTED_SIZE;
	m->last = segment_slot(m->to, &others, false);
	if (m->last == NULL) {
		return NULL;
	}
	if (!files_make(m->last)) {
		return NULL;
	}
	if (!node_claim_all(m->to,
			    slot_node(m->last, LATENCY_NODE_OVERFLOW))) {
		return NULL;
	}
	m->to->limit = DEPARTED_SIZE - MERGE_SPARE_SIZE / 2;
	return m->last;
}

/* Adds counters to a node, or where there is room for them. */
static bool add(struct merge *m, struct latency_node *node,
		const struct row_sum *sum)
{
	if (node_merge(m->to, node, sum)) {
		return true;
	}
	return merge_is_long(m) && last_slot(m) != NULL &&
		node_merge(m->to, slot_node(m->last, LATENCY_NODE_OVERFLOW),
			   sum);
}

static bool add_nodes(struct merge *m, const struct departed_source *source)
{
	const struct segment_image *image = &m->images[source->image];
	struct latency_node *to[LATENCY_MAX_NODES];
	struct slot_writer *s = source->to;
	struct row_sum sum;
	uint32_t i;

	/* A parent has a smaller number than its children. */
	for (i = 0; i < source->slot->nodes; i++) {
		const struct latency_node *node =
			image_node(image, source->slot, i);
		int frame = merge_frame(&m->frames[source->image],
					node->frame);

		if (i <= LATENCY_NODE_OVERFLOW) {
			to[i] = slot_node(s, i);
		} else if (frame < 0) {
			to[i] = slot_node(s, LATENCY_NODE_OVERFLOW);
		} else {
			to[i] = slot_node_below(s, to[node->parent],
						(unsigned)frame);
		}
		image_node_sum(image, node, &sum);
		if (!add(m, to[i], &sum)) {
			return false;
		}
	}
	return true;
}

/* Adds the files of a slot, or where there is room for them. */
static bool add_files(struct merge *m, const struct departed_source *source)
{
	const struct segment_image *image = &m->images[source->image];

	if (files_merge(source->to, image, source->slot)) {
		return true;
	}
	if (!merge_is_long(m) || last_slot(m) == NULL) {
		return false;
	}
	files_drop(m->last, image, source->slot);
	return true;
}

bool merge_counters_add(struct merge *m, struct departed_source *source,
			struct slot_writer *s)
{
	if (s == NULL && m->to->full != 0 && !merge_is_long(m)) {
		return false;
	}
	source->to = s != NULL ? s : last_slot(m);
	if (source->to == NULL || !add_nodes(m, source)) {
		return false;
	}
	s = source->to;
	if (!add_files(m, source)) {
		return false;
	}
	s->slot->tree_connects += source->slot->tree_connects;
	if (source->slot->connected_realtime_ns >
	    s->slot->connected_realtime_ns) {
		s->slot->connected_realtime_ns =
			source->slot->connected_realtime_ns;
	}
	return true;
}
