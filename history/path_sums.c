/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "path_sums.h"

static bool make_room(struct path_sums *s, uint32_t path)
{
	uint32_t room = (path + 64) * 2;
	struct row_sum **sum;
	uint32_t *used;
	bool *is_used;

	if (path < s->room) {
		return true;
	}
	sum = realloc(s->sum, room * sizeof(*sum));
	if (sum == NULL) {
		return false;
	}
	s->sum = sum;
	used = realloc(s->used, room * sizeof(*used));
	if (used == NULL) {
		return false;
	}
	s->used = used;
	is_used = realloc(s->is_used, room * sizeof(*is_used));
	if (is_used == NULL) {
		return false;
	}
	s->is_used = is_used;
	memset(sum + s->room, 0, (room - s->room) * sizeof(*sum));
	memset(is_used + s->room, 0, (room - s->room) * sizeof(*is_used));
	s->room = room;
	return true;
}

struct row_sum *path_sums_at(struct path_sums *s, uint32_t path)
{
	if (!make_room(s, path)) {
		return NULL;
	}
	if (s->is_used[path]) {
		return s->sum[path];
	}
	if (s->sum[path] == NULL) {
		s->sum[path] = malloc(sizeof(*s->sum[path]));
		if (s->sum[path] == NULL) {
			return NULL;
		}
	}
	row_sum_init(s->sum[path]);
	s->is_used[path] = true;
	s->used[s->count++] = path;
	return s->sum[path];
}

struct row_sum *path_sums_find(const struct path_sums *s, uint32_t path)
{
	return path < s->room && s->is_used[path] ? s->sum[path] : NULL;
}

bool path_sums_unpack(struct path_sums *s, const void *data, size_t size,
		      uint32_t last)
{
	const unsigned char *at = data;
	const unsigned char *end = size != 0 ? at + size : at;
	uint64_t path = 0;
	struct row_sum one;
	uint32_t gap;

	while (at < end) {
		struct row_sum *sum;

		if (!counters_unpack(&at, end, &gap, &one)) {
			return false;
		}
		path += gap;
		if (gap == 0 || path > last) {
			return false;
		}
		sum = path_sums_at(s, (uint32_t)path);
		if (sum == NULL) {
			return false;
		}
		row_sum_add(sum, &one);
	}
	return true;
}

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

bool path_sums_pack(struct path_sums *s, struct counters_bytes *bytes)
{
	uint32_t i, last = 0;

	if (s->count != 0) {
		qsort(s->used, s->count, sizeof(*s->used), compare);
	}
	for (i = 0; i < s->count; i++) {
		const struct row_sum *sum = s->sum[s->used[i]];

		if (sum->count != 0 || sum->untimed != 0) {
			counters_pack(bytes, s->used[i] - last, sum);
			last = s->used[i];
		}
	}
	return !bytes->failed;
}

void path_sums_clear(struct path_sums *s)
{
	uint32_t i;

	for (i = 0; i < s->count; i++) {
		s->is_used[s->used[i]] = false;
	}
	s->count = 0;
}

void path_sums_free(struct path_sums *s)
{
	uint32_t i;

	for (i = 0; i < s->room; i++) {
		free(s->sum[i]);
	}
	free(s->sum);
	free(s->used);
	free(s->is_used);
	memset(s, 0, sizeof(*s));
}
