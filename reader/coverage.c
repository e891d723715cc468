/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "coverage.h"
#include "subtract.h"

void coverage_init(struct coverage *c)
{
	memset(c, 0, sizeof(*c));
	c->since_realtime_ns = UINT64_MAX;
}

static uint64_t requests_of(const struct segment_image *image,
			    const struct latency_slot *slot)
{
	const struct latency_node *node;
	uint64_t count = 0;
	uint32_t i;

	for (i = 0; i < slot->nodes; i++) {
		node = image_node(image, slot, i);
		if (LATENCY_FRAME_LAYER(node->frame) == 0 &&
		    LATENCY_FRAME_OP(node->frame) < LATENCY_OPCODES) {
			count += node->count;
		}
	}
	return count;
}

void coverage_add(struct coverage *c, const struct segment_image *image,
		  const struct filter *filter)
{
	const struct latency_header *h = image->header;
	const struct latency_slot *slot;

	if (!filter_image(filter, image)) {
		return;
	}
	if (h->kind == LATENCY_KIND_DEPARTED) {
		c->departed += h->processes;
	} else if (image->owned) {
		c->processes++;
	} else {
		c->departed++;
	}
	if (h->start_realtime_ns < c->since_realtime_ns) {
		c->since_realtime_ns = h->start_realtime_ns;
	}
	if (h->start_realtime_ns >= c->latest_realtime_ns &&
	    h->samba_version[0] != '\0') {
		c->latest_realtime_ns = h->start_realtime_ns;
		strcpy(c->samba_version, h->samba_version);
	}
	c->unmeasured += h->unmeasured;
	c->unmeasured_trees += h->unmeasured_trees;
	c->connected += image->connected;
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		if (filter_slot(filter, slot)) {
			c->connected += image->owned && slot->connected;
			c->tree_connects += slot->tree_connects;
		} else if (filter_may_want(filter, slot)) {
			c->summed_up += requests_of(image, slot);
		}
	}
}

void coverage_subtract(struct coverage *c, const struct coverage *earlier)
{
	subtract_from(&c->departed, earlier->departed);
	subtract_from(&c->tree_connects, earlier->tree_connects);
	subtract_from(&c->unmeasured, earlier->unmeasured);
	subtract_from(&c->unmeasured_trees, earlier->unmeasured_trees);
	subtract_from(&c->summed_up, earlier->summed_up);
}
