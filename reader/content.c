/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "content.h"

struct content {
	unsigned users;
	bool owned;
	unsigned connected;		/* slots that the filter wants */
	uint64_t op_begun_ns;
	uint64_t now_ns;
	size_t size;			/* of the image */
	size_t packed_size;
	uint64_t outline[SEGMENT_OUTLINE / sizeof(uint64_t)];
	unsigned char packed[];
};

_Static_assert(SEGMENT_OUTLINE % sizeof(uint64_t) == 0, "outline in words");

static unsigned connected(const struct segment_image *image,
			  const struct filter *filter)
{
	const struct latency_slot *slot;
	unsigned count = 0;

	for (slot = image_slot(image, NULL); image->owned && slot != NULL;
	     slot = image_slot(image, slot)) {
		count += slot->connected && filter_slot(filter, slot);
	}
	return count;
}

static void make_departed(const struct content *c, struct latency_header *h)
{
	if (h->kind == LATENCY_KIND_PROCESS && !c->owned) {
		h->kind = LATENCY_KIND_DEPARTED;
		h->processes = 1;
	}
}

struct content *content_new(struct packer *packer,
			    const struct segment_image *image,
			    const struct filter *filter)
{
	struct latency_header h;
	struct content *c;
	size_t size;

	if (!packer_pack(packer, image->data, image->size,
			 image->header->header_size, &size)) {
		return NULL;
	}
	c = malloc(sizeof(*c) + size);
	if (c == NULL) {
		return NULL;
	}
	c->users = 1;
	c->owned = image->owned;
	c->connected = connected(image, filter);
	c->op_begun_ns = image->op_begun_ns;
	c->now_ns = image->now_ns;
	c->size = image->size;
	c->packed_size = size;
	segment_image_outline(image, &h);
	make_departed(c, &h);
	memcpy(c->outline, &h, SEGMENT_OUTLINE);
	memcpy(c->packed, packer->room, size);
	return c;
}

struct content *content_share(struct content *c)
{
	if (c != NULL) {
		c->users++;
	}
	return c;
}

void content_release(struct content *c)
{
	if (c != NULL && --c->users == 0) {
		free(c);
	}
}

bool content_owned(const struct content *c)
{
	return c->owned;
}

bool content_lives_on(const struct content *c, const struct content *earlier)
{
	const struct latency_header *a, *b;

	if (c == NULL || !c->owned) {
		return false;
	}
	a = (const struct latency_header *)c->outline;
	b = (const struct latency_header *)earlier->outline;
	return a->id == b->id;
}

static void describe(const struct content *c, const char *name,
		     struct segment_image *image)
{
	memset(image, 0, sizeof(*image));
	strncpy(image->name, name, sizeof(image->name) - 1);
	image->owned = c->owned;
	image->op_begun_ns = c->op_begun_ns;
	image->now_ns = c->now_ns;
}

bool content_image(const struct content *c, const struct packer *packer,
		   const char *name, struct segment_image *image)
{
	describe(c, name, image);
	image->size = c->size;
	image->data = packer_unpack(packer, c->packed, c->packed_size,
				    c->size);
	if (image->data == NULL) {
		return false;
	}
	image->header = (const struct latency_header *)image->data;
	make_departed(c, (struct latency_header *)image->data);
	return true;
}

void content_outline(const struct content *c, const char *name,
		     struct segment_image *image)
{
	describe(c, name, image);
	image->size = SEGMENT_OUTLINE;
	/* Nobody changes what is stripped of all that is counted. */
	image->data = (unsigned char *)(uintptr_t)c->outline;
	image->header = (const struct latency_header *)c->outline;
	image->connected = c->connected;
}
