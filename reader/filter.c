/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>
#include <strings.h>

#include "departed_place.h"
#include "filter.h"
#include "name.h"

bool filter_name(const char *wanted, const char *field, size_t size)
{
	return wanted == NULL || strcasecmp(wanted, field) == 0 ||
		name_is(field, size, wanted);
}

bool filter_image(const struct filter *filter,
		  const struct segment_image *image)
{
	return filter->pid == 0 ||
		(image->header->kind == LATENCY_KIND_PROCESS &&
		 (pid_t)image->header->pid == filter->pid);
}

bool filter_slot(const struct filter *filter, const struct latency_slot *slot)
{
	return filter_name(filter->share, slot->key.share,
			   sizeof(slot->key.share)) &&
		filter_name(filter->user, slot->key.user,
			    sizeof(slot->key.user)) &&
		filter_name(filter->client, slot->key.client,
			    sizeof(slot->key.client));
}

bool filter_may_want(const struct filter *filter,
		     const struct latency_slot *slot)
{
	const struct latency_slot_key *key = &slot->key;

	return departed_is_others(key) && !filter_slot(filter, slot) &&
		(filter_name(filter->share, key->share, sizeof(key->share)) ||
		 strcmp(key->share, DEPARTED_OTHERS) == 0);
}
