/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "filter_match.h"

static void add_name(struct filter_names *n, const char *wanted,
		     const char *name, size_t size)
{
	unsigned i;

	if (wanted == NULL) {
		return;
	}
	n->matched |= filter_name(wanted, name, size);
	for (i = 0; i < n->count; i++) {
		if (strcmp(n->name[i], name) == 0) {
			return;
		}
	}
	if (n->count == MATCH_NAMES) {
		n->more = true;
		return;
	}
	n->name[n->count] = strdup(name);
	n->count += n->name[n->count] != NULL;
}

void filter_match_add(struct filter_match *m, const struct filter *filter,
		      const struct segment_image *image)
{
	const struct latency_slot *slot;

	if (!filter_image(filter, image)) {
		return;
	}
	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		m->any |= filter_slot(filter, slot);
		m->others |= filter_may_want(filter, slot);
		add_name(&m->share, filter->share, slot->key.share,
			 sizeof(slot->key.share));
		add_name(&m->user, filter->user, slot->key.user,
			 sizeof(slot->key.user));
		add_name(&m->client, filter->client, slot->key.client,
			 sizeof(slot->key.client));
	}
}

bool filter_match_failed(const struct filter_match *m,
			 const struct filter *filter)
{
	return !m->any && (filter->share != NULL || filter->user != NULL ||
			   filter->client != NULL);
}

static void free_names(struct filter_names *n)
{
	while (n->count != 0) {
		free(n->name[--n->count]);
	}
}

void filter_match_free(struct filter_match *m)
{
	free_names(&m->share);
	free_names(&m->user);
	free_names(&m->client);
}
