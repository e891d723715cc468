/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "departed_plan.h"

/* Sources next to each other that would have the same slot. */
struct group {
	unsigned first, count;
	uint64_t calls;
	uint64_t latest_ns;		/* when the latest one connected */
};

typedef int (*compare_fn)(const void *a, const void *b);

static int compare_share(const void *a, const void *b)
{
	const struct departed_source *x = a, *y = b;
	int order = strcmp(x->slot->key.share, y->slot->key.share);

	return order != 0 ? order :
		strcmp(x->slot->key.objects, y->slot->key.objects);
}

/* The same in any order they come in. */
static int compare_key(const void *a, const void *b)
{
	const struct departed_source *x = a, *y = b;
	int order = compare_share(a, b);

	if (order == 0) {
		order = strcmp(x->slot->key.user, y->slot->key.user);
	}
	return order != 0 ? order :
		strcmp(x->slot->key.client, y->slot->key.client);
}

/* By share and key, those that may have the same place beside each other. */
static int compare_source(const void *a, const void *b)
{
	const struct departed_source *x = a, *y = b;
	int order = (x->may == DEPARTED_LAST) - (y->may == DEPARTED_LAST);

	if (order == 0) {
		order = compare_share(a, b);
	}
	if (order == 0) {
		order = (int)x->may - (int)y->may;
	}
	if (order == 0) {
		order = compare_key(a, b);
	}
	return order != 0 ? order : x->order < y->order ? -1 : 1;
}

static int compare_planned(const void *a, const void *b)
{
	const struct departed_source *x = a, *y = b;
	int order = (x->place == DEPARTED_LAST) - (y->place == DEPARTED_LAST);

	if (order == 0 && x->share_calls != y->share_calls) {
		return x->share_calls > y->share_calls ? -1 : 1;
	}
	if (order == 0) {
		order = compare_share(a, b);
	}
	if (order == 0) {
		order = (int)x->place - (int)y->place;
	}
	if (order == 0) {
		order = compare_key(a, b);
	}
	return order != 0 ? order : x->order < y->order ? -1 : 1;
}

static int compare_calls(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->calls != y->calls) {
		return x->calls > y->calls ? -1 : 1;
	}
	if (x->latest_ns != y->latest_ns) {
		return x->latest_ns > y->latest_ns ? -1 : 1;
	}
	return x->first < y->first ? -1 : 1;
}

static int compare_latest(const void *a, const void *b)
{
	const struct group *x = a, *y = b;

	if (x->latest_ns != y->latest_ns) {
		return x->latest_ns > y->latest_ns ? -1 : 1;
	}
	return compare_calls(a, b);
}

/* The groups of those sources whose place is at best that one. */
static unsigned make_groups(struct group *groups,
			    const struct departed_source *sources,
			    unsigned count, compare_fn same,
			    enum departed_place place)
{
	unsigned i, n = 0;

	for (i = 0; i < count; i++) {
		const struct departed_source *s = &sources[i];
		uint64_t latest = s->slot->connected_realtime_ns;

		if (s->place > place) {
			continue;
		}
		if (n == 0 || groups[n - 1].first + groups[n - 1].count != i ||
		    same(&sources[groups[n - 1].first], s) != 0) {
			groups[n++] = (struct group){ .first = i };
		}
		groups[n - 1].count++;
		groups[n - 1].calls += s->calls;
		if (latest > groups[n - 1].latest_ns) {
			groups[n - 1].latest_ns = latest;
		}
	}
	return n;
}

/* Those that find no place among so many have the next worse one. */
static void choose(struct group *groups, unsigned count, unsigned places,
		   struct departed_source *sources, enum departed_place worse)
{
	const unsigned most_used = places / 4 * 3;
	unsigned i, j;

	if (count <= places) {
		return;
	}
	qsort(groups, count, sizeof(*groups), compare_calls);
	qsort(groups + most_used, count - most_used, sizeof(*groups),
	      compare_latest);
	for (i = places; i < count; i++) {
		for (j = 0; j < groups[i].count; j++) {
			sources[groups[i].first + j].place = worse;
		}
	}
}

bool departed_plan(struct departed_source *sources, unsigned count,
		   unsigned shares, unsigned keys)
{
	struct group *groups = calloc(count + 1, sizeof(*groups));
	unsigned i, j, n;

	if (groups == NULL) {
		return false;
	}
	if (count != 0) {
		qsort(sources, count, sizeof(*sources), compare_source);
	}
	for (i = 0; i < count; i++) {
		sources[i].place = sources[i].may;
	}
	n = make_groups(groups, sources, count, compare_share,
			DEPARTED_IN_SHARE);
	for (i = 0; i < n; i++) {
		for (j = 0; j < groups[i].count; j++) {
			sources[groups[i].first + j].share_calls =
				groups[i].calls;
		}
	}
	choose(groups, n, shares, sources, DEPARTED_LAST);
	n = make_groups(groups, sources, count, compare_key, DEPARTED_OWN);
	choose(groups, n, keys, sources, DEPARTED_IN_SHARE);
	if (count != 0) {
		qsort(sources, count, sizeof(*sources), compare_planned);
	}
	free(groups);
	return true;
}
