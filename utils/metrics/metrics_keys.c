/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "departed_place.h"
#include "dimension.h"
#include "metrics_keys.h"
#include "name.h"
#include "snapshot_relate.h"

struct renaming {
	struct metrics_keys *keys;
	const struct filter *filter;
	unsigned by;			/* what --by adds */
};

/* Has this share a label of its own, now? */
static bool share_known(struct metrics_keys *keys, const char *share)
{
	struct metrics_share *more;
	unsigned i;

	for (i = 0; i < keys->shares; i++) {
		if (strcmp(keys->share[i].name, share) == 0) {
			return true;
		}
	}
	if (keys->shares >= keys->max_shares) {
		return false;
	}
	more = realloc(keys->share, (keys->shares + 1) * sizeof(*more));
	if (more == NULL) {
		return false;
	}
	keys->share = more;
	strcpy(more[keys->shares++].name, share);
	return true;
}

static bool known(const struct metrics_keys *keys,
		  const struct latency_slot_key *key)
{
	unsigned i;

	for (i = 0; i < keys->count; i++) {
		if (slot_who_same(&keys->key[i], key)) {
			return true;
		}
	}
	return false;
}

/* Gives the slot the user and client that its labels will have. */
static void rename_user(const struct renaming *r, struct latency_slot_key *key)
{
	struct metrics_keys *keys = r->keys;
	struct latency_slot_key labels = *key;

	labels.objects[0] = '\0';
	if ((r->by & BY(BY_USER)) == 0) {
		labels.user[0] = '\0';
	}
	if ((r->by & BY(BY_CLIENT)) == 0) {
		labels.client[0] = '\0';
	}
	if (known(keys, &labels)) {
		return;
	}
	if (keys->count < METRICS_KEYS) {
		keys->key[keys->count++] = labels;
		return;
	}
	/* What the filter asks for must still be found. */
	if (r->by & BY(BY_USER) && r->filter->user == NULL) {
		strcpy(key->user, DEPARTED_OTHERS);
	}
	if (r->by & BY(BY_CLIENT) && r->filter->client == NULL) {
		strcpy(key->client, DEPARTED_OTHERS);
	}
}

static void rename_key(void *private_data, struct latency_slot_key *key)
{
	const struct renaming *r = private_data;

	if (r->filter->share == NULL &&
	    strcmp(key->share, DEPARTED_OTHERS) != 0 &&
	    !share_known(r->keys, key->share)) {
		strcpy(key->share, DEPARTED_OTHERS);
	}
	if (r->by & (BY(BY_USER) | BY(BY_CLIENT))) {
		rename_user(r, key);
	}
}

/*
 * Labels that tell less than the key would go back when one of the keys they
 * add up is merged: then they all are.
 */
static void hide_merged(struct segment_image *image,
			const struct segment_image *departed, unsigned by)
{
	const unsigned who = by & (BY(BY_USER) | BY(BY_CLIENT));
	const enum departed_names names = who == BY(BY_USER) ?
		DEPARTED_USER : DEPARTED_CLIENT;
	struct latency_slot *slot;

	if (who != BY(BY_USER) && who != BY(BY_CLIENT)) {
		return;
	}
	for (slot = image_slot_change(image, NULL); slot != NULL;
	     slot = image_slot_change(image, slot)) {
		const struct departed_since since =
			departed_since(departed, &slot->key);
		enum departed_place place = departed_place(slot, &since);

		if (place == DEPARTED_OWN &&
		    !departed_shown(departed, names, slot)) {
			departed_name(&slot->key, DEPARTED_IN_SHARE);
		}
	}
}

bool metrics_keys_init(struct metrics_keys *keys)
{
	if (keys->key == NULL) {
		keys->key = calloc(METRICS_KEYS, sizeof(*keys->key));
	}
	return keys->key != NULL;
}

void metrics_keys_rename(struct metrics_keys *keys, const struct filter *filter,
			 unsigned by, const struct snapshot *snapshot,
			 struct segment_image *image)
{
	struct renaming r = { .keys = keys, .filter = filter, .by = by };

	/* What the departed would not name is not named now either. */
	hide_merged(image, snapshot_departed(snapshot), by);
	image_rekey(image, snapshot_departed(snapshot));
	image_rename(image, filter, rename_key, &r);
}

void metrics_keys_free(struct metrics_keys *keys)
{
	free(keys->key);
	free(keys->share);
	memset(keys, 0, sizeof(*keys));
}
