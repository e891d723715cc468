/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history_image.h"

bool history_image_begin(struct history_image *image,
			 const struct history_paths *paths,
			 const struct segment_identity *identity,
			 struct latency_error *error)
{
	memset(image, 0, sizeof(*image));
	image->paths = paths;
	image->node = calloc(paths->count + 1, sizeof(*image->node));
	if (image->node == NULL) {
		error_set(error, "out of memory");
		return false;
	}
	image->w = segment_create_private(identity, error);
	if (image->w == NULL) {
		free(image->node);
		return false;
	}
	segment_publish(image->w);
	return true;
}

bool history_image_slot(struct history_image *image,
			const struct latency_slot_key *key, bool apart)
{
	const struct slot_key names = {
		.share = key->share,
		.user = key->user,
		.client = key->client,
		.objects = key->objects,
	};

	/* What is connected is not used again for the next one. */
	image->slot = segment_slot(image->w, &names, apart);
	memset(image->node, 0,
	       (image->paths->count + 1) * sizeof(*image->node));
	return image->slot != NULL;
}

/* The frame of a path; -1: the tables of ops and layers are full. */
static int frame_of(struct history_image *image,
		    const struct history_path *path)
{
	int layer, op;

	if (path->root >= 0) {
		return LATENCY_FRAME(0, path->root);
	}
	layer = segment_layer(image->w, path->layer);
	op = segment_op(image->w, path->op, path->error_class);
	if (layer < 0 || op < 0) {
		return -1;
	}
	return LATENCY_FRAME(layer, op) |
		(path->async ? (int)LATENCY_FRAME_ASYNC : 0);
}

static struct latency_node *node_of(struct history_image *image, uint32_t n)
{
	const struct history_path *path = history_path(image->paths, n);
	struct latency_node *above;
	int frame;

	if (path == NULL) {
		return slot_node(image->slot, LATENCY_NODE_TOP);
	}
	if (path->root == LATENCY_ROOT_OVERFLOW) {
		return slot_node(image->slot, LATENCY_NODE_OVERFLOW);
	}
	if (image->node[n] != NULL) {
		return image->node[n];
	}
	above = node_of(image, path->parent);
	frame = frame_of(image, path);
	if (above == NULL || frame < 0) {
		return NULL;
	}
	/* Without room it is the one of overflow, and w->full says why. */
	image->node[n] = slot_node_below(image->slot, above, (unsigned)frame);
	return image->node[n];
}

bool history_image_add(struct history_image *image, uint32_t path,
		       const struct row_sum *sum)
{
	struct latency_node *node = node_of(image, path);

	return node != NULL && image->w->full == 0 &&
		node_merge(image->w, node, sum);
}

bool history_image_end(struct history_image *image, struct snapshot *snapshot,
		       struct latency_error *error)
{
	struct segment_writer *w = image->w;
	struct segment_image made = {
		.size = (size_t)w->used * LATENCY_LINE,
		.now_ns = snapshot->taken_monotonic_ns,
	};

	made.data = malloc(made.size);
	if (made.data != NULL) {
		memcpy(made.data, w->base, made.size);
		made.header = (const struct latency_header *)made.data;
	}
	snprintf(made.name, sizeof(made.name), "history");
	history_image_drop(image);
	if (made.data == NULL || !snapshot_add_image(snapshot, &made)) {
		segment_image_free(&made);
		error_set(error, "out of memory");
		return false;
	}
	return true;
}

void history_image_drop(struct history_image *image)
{
	segment_close(image->w);
	free(image->node);
	image->w = NULL;
	image->node = NULL;
}
