/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "segment_image.h"

const void *image_at(const struct segment_image *image, uint32_t line)
{
	return image->data + (size_t)line * LATENCY_LINE;
}

const struct latency_slot *image_slot(const struct segment_image *image,
				      const struct latency_slot *previous)
{
	uint32_t line = previous == NULL ? image->header->first_slot :
		previous->next;

	return line == 0 ? NULL : image_at(image, line);
}

struct latency_slot *image_slot_change(struct segment_image *image,
				       const struct latency_slot *previous)
{
	/* It is in image->data, which is ours. */
	return (struct latency_slot *)image_slot(image, previous);
}

const struct latency_node *image_node(const struct segment_image *image,
				      const struct latency_slot *slot,
				      unsigned number)
{
	const struct latency_node *chunk = image_at(
		image, slot->chunk[number / LATENCY_CHUNK_NODES]);

	return &chunk[number % LATENCY_CHUNK_NODES];
}

const struct latency_files *image_files(const struct segment_image *image,
					const struct latency_slot *slot)
{
	return slot->files == 0 ? NULL : image_at(image, slot->files);
}

const struct latency_file *image_file(const struct segment_image *image,
				      const struct latency_files *files,
				      unsigned number)
{
	const struct latency_file *chunk = image_at(
		image, files->chunk[number / LATENCY_FILE_CHUNK]);

	return &chunk[number % LATENCY_FILE_CHUNK];
}

const struct latency_connections *
image_connections(const struct segment_image *image)
{
	uint32_t line = image->header->connections;

	return line == 0 ? NULL : image_at(image, line);
}

const struct latency_connection *
image_connection(const struct segment_image *image,
		 const struct latency_connections *connections,
		 unsigned number)
{
	uint32_t line = connections->chunk[number / LATENCY_CONNECTION_CHUNK];
	const struct latency_connection *chunk, *c;

	if (line == 0) {
		return NULL;
	}
	chunk = image_at(image, line);
	c = &chunk[number % LATENCY_CONNECTION_CHUNK];
	return c->connections != 0 ? c : NULL;
}

bool segment_image_copy(const struct segment_image *image,
			struct segment_image *copy)
{
	*copy = *image;
	copy->data = malloc(image->size);
	if (copy->data == NULL) {
		return false;
	}
	memcpy(copy->data, image->data, image->size);
	copy->header = (const struct latency_header *)copy->data;
	return true;
}

void segment_image_free(struct segment_image *image)
{
	flights_free(&image->flights);
	free(image->data);
	image->data = NULL;
	image->header = NULL;
}

void segment_image_outline(const struct segment_image *image,
			   struct latency_header *h)
{
	memcpy(h, image->header, SEGMENT_OUTLINE);
	h->op_count = 0;
	h->first_slot = h->slots = h->slow_ring = 0;
	h->flights = h->connections = 0;
	h->folded = h->folded_count = h->merged = 0;
}

bool segment_image_strip(struct segment_image *image)
{
	/* A new piece, so that the next image finds the room of this one. */
	unsigned char *data = malloc(SEGMENT_OUTLINE);
	struct latency_header h;

	if (data == NULL) {
		return false;
	}
	flights_free(&image->flights);
	segment_image_outline(image, &h);
	memcpy(data, &h, SEGMENT_OUTLINE);
	free(image->data);
	image->data = data;
	image->size = SEGMENT_OUTLINE;
	image->header = (const struct latency_header *)data;
	return true;
}

/* ------------------------------ node to sum ------------------------------ */

static void add_error(struct row_sum *sum, uint32_t code, uint64_t count)
{
	row_sum_error(sum, code, count);
	sum->errors += count;
}

void image_node_errors(const struct segment_image *image,
		       const struct latency_node *node, struct row_sum *sum)
{
	const struct latency_errors *errors;
	uint32_t line;
	unsigned i;

	if (node->error_code != 0) {
		add_error(sum, node->error_code, node->error_count);
	}
	for (line = node->error; line != 0; line = errors->next) {
		errors = image_at(image, line);
		for (i = 0; i < 3 && errors->entry[i].code != 0; i++) {
			add_error(sum, errors->entry[i].code,
				  errors->entry[i].count);
		}
	}
	if (node->error_unknown != 0) {
		add_error(sum, UINT32_MAX, node->error_unknown);
	}
}

void image_node_add(const struct segment_image *image,
		    const struct latency_node *node, struct row_sum *sum)
{
	unsigned i, j;

#define ADD(counter) sum->counter += node->counter;
	ROW_COUNTERS(ADD)
#undef ADD
	row_sum_widen(sum, node->min_ns, node->max_ns);
	for (i = 0; i < HIST_OCTAVES; i++) {
		const uint64_t *cells = image_at(image, node->octave[i]);

		if (node->octave[i] == 0) {
			continue;
		}
		for (j = 0; j < HIST_SUB; j++) {
			sum->histogram[i * HIST_SUB + j] += cells[j];
		}
	}
	if (node->sizes != 0) {
		const struct latency_sizes *sizes = image_at(image,
							     node->sizes);

		for (i = 0; i < SIZE_BUCKETS; i++) {
			sum->sizes[i] += sizes->count[i];
		}
	}
	image_node_errors(image, node, sum);
}

void image_node_sum(const struct segment_image *image,
		    const struct latency_node *node, struct row_sum *sum)
{
	row_sum_init(sum);
	image_node_add(image, node, sum);
}
