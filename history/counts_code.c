/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "counts_code.h"
#include "sum_code.h"

#define CHECKSUM_BYTES 4u
#define HEADER_BYTES (CHECKSUM_BYTES + 1u)

/* A path of these keys. */
struct coded_path {
	uint32_t path;
	struct bit_model has[2]; /* if the key before had it */
	unsigned had;
	struct sum_past past;
};

struct counts_coder {
	struct range_coder range;
	struct sum_models *sum;
	struct number_models gap;
	struct number_models key;
	struct number_models connects;
	struct coded_path *paths; /* in order */
	uint32_t path_count;
};

static uint32_t checksum(const unsigned char *data, size_t size)
{
	uint32_t sum = 2166136261u;

	while (size-- > 0) {
		sum = (sum ^ *data++) * 16777619u;
	}
	return sum;
}

static struct counts_coder *coder_new(bool sizes)
{
	struct counts_coder *c = calloc(1, sizeof(*c));

	if (c != NULL) {
		c->sum = sum_models_new(sizes);
		if (c->sum == NULL) {
			free(c);
			return NULL;
		}
	}
	return c;
}

static void coder_free(struct counts_coder *c)
{
	if (c != NULL) {
		free(c->sum);
		free(c->paths);
	}
	free(c);
}

/* --------------------------------- writing -------------------------------- */

static int compare(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* Lists the paths of all keys, each once. */
static bool list_paths(struct counts_coder *c, struct path_sums *all)
{
	uint32_t i;

	qsort(all->used, all->count, sizeof(*all->used), compare);
	c->paths = calloc(all->count + 1, sizeof(*c->paths));
	c->path_count = all->count;
	for (i = 0; c->paths != NULL && i < all->count; i++) {
		c->paths[i].path = all->used[i];
	}
	return c->paths != NULL;
}

static bool find_paths(struct counts_coder *c, const struct counts_key *keys,
		       unsigned count)
{
	struct path_sums all = { .sum = NULL };
	bool ok = true;
	unsigned i;

	for (i = 0; ok && i < count; i++) {
		ok = path_sums_unpack(&all, keys[i].nodes.data,
				      keys[i].nodes.size, UINT32_MAX);
	}
	ok = ok && list_paths(c, &all);
	path_sums_free(&all);
	return ok;
}

static void write_paths(struct counts_coder *c)
{
	uint32_t i, last = 0;

	range_number(&c->range, &c->gap, c->path_count);
	for (i = 0; i < c->path_count; i++) {
		range_number(&c->range, &c->gap, c->paths[i].path - last);
		last = c->paths[i].path;
	}
}

static unsigned code_has(struct counts_coder *c, struct coded_path *p,
			 unsigned has)
{
	p->had = range_bit(&c->range, &p->has[p->had], has);
	return p->had;
}

static bool write_key(struct counts_coder *c, const struct counts_key *key,
		      struct path_sums *sums)
{
	uint32_t i;

	path_sums_clear(sums);
	if (!path_sums_unpack(sums, key->nodes.data, key->nodes.size,
			      UINT32_MAX)) {
		return false;
	}
	range_number(&c->range, &c->connects, key->tree_connects);
	for (i = 0; i < c->path_count; i++) {
		struct coded_path *p = &c->paths[i];
		struct row_sum *sum = path_sums_find(sums, p->path);

		if (code_has(c, p, sum != NULL)) {
			sum_code(&c->range, c->sum, &p->past, sum);
		}
	}
	return true;
}

static bool write_keys(struct counts_coder *c, const struct counts_key *keys,
		       unsigned count)
{
	struct path_sums sums = { .sum = NULL };
	bool ok = true;
	unsigned i, next = 0;

	for (i = 0; ok && i < count; i++) {
		unsigned place = keys[i].key % COUNTS_KEYS;

		range_number(&c->range, &c->key, place - next);
		next = place + 1;
		ok = write_key(c, &keys[i], &sums);
	}
	path_sums_free(&sums);
	return ok;
}

bool counts_pack(const struct counts_key *keys, unsigned count,
		 struct counters_bytes *bytes)
{
	struct counts_coder *c = coder_new(true);
	size_t begin = bytes->size;
	unsigned i;
	uint32_t sum;
	bool ok;

	if (c == NULL) {
		return false;
	}
	for (i = 0; i < CHECKSUM_BYTES; i++) {
		counters_byte(bytes, 0);
	}
	counters_byte(bytes, COUNTS_VERSION);
	range_write(&c->range, bytes);
	ok = find_paths(c, keys, count);
	if (ok) {
		write_paths(c);
		range_number(&c->range, &c->gap, count);
		ok = write_keys(c, keys, count);
	}
	range_finish(&c->range);
	coder_free(c);
	if (!ok || bytes->failed) {
		return false;
	}
	sum = checksum(bytes->data + begin + CHECKSUM_BYTES,
		       bytes->size - begin - CHECKSUM_BYTES);
	for (i = 0; i < CHECKSUM_BYTES; i++) {
		bytes->data[begin + i] = (unsigned char)(sum >> 8 * i);
	}
	return true;
}

/* --------------------------------- reading -------------------------------- */

static bool read_paths(struct counts_coder *c, uint32_t last)
{
	uint64_t count = range_number(&c->range, &c->gap, 0), path = 0;
	uint32_t i;

	if (count > last) {
		return false;
	}
	c->paths = calloc(count + 1, sizeof(*c->paths));
	if (c->paths == NULL) {
		return false;
	}
	c->path_count = (uint32_t)count;
	for (i = 0; i < count; i++) {
		uint64_t gap = range_number(&c->range, &c->gap, 0);

		if (gap == 0 || gap > last - path) {
			return false;
		}
		path += gap;
		c->paths[i].path = (uint32_t)path;
	}
	return !range_overrun(&c->range);
}

static bool read_key(struct counts_coder *c, struct counts_sums *sums,
		     unsigned place)
{
	struct row_sum one;
	uint32_t i;

	sums->used[place] = true;
	sums->tree_connects[place] += range_number(&c->range, &c->connects, 0);
	for (i = 0; i < c->path_count; i++) {
		struct coded_path *p = &c->paths[i];
		struct row_sum *sum;

		if (!code_has(c, p, 0)) {
			continue;
		}
		row_sum_init(&one);
		sum_code(&c->range, c->sum, &p->past, &one);
		sum = path_sums_at(&sums->sums[place], p->path);
		if (sum == NULL || range_overrun(&c->range)) {
			return false;
		}
		row_sum_add(sum, &one);
	}
	return !range_overrun(&c->range);
}

static bool read_all(struct counts_coder *c, struct counts_sums *sums,
		     uint32_t last)
{
	uint64_t count, place, next = 0;

	if (!read_paths(c, last)) {
		return false;
	}
	for (count = range_number(&c->range, &c->gap, 0); count > 0; count--) {
		place = next + range_number(&c->range, &c->key, 0);
		if (place < next || place >= COUNTS_KEYS ||
		    !read_key(c, sums, (unsigned)place)) {
			return false;
		}
		next = place + 1;
	}
	return true;
}

bool counts_unpack(struct counts_sums *sums, const void *data, size_t size,
		   uint32_t last)
{
	const unsigned char *bytes = data;
	struct counts_coder *c;
	uint32_t sum = 0;
	unsigned i;
	bool ok;

	for (i = 0; size >= HEADER_BYTES && i < CHECKSUM_BYTES; i++) {
		sum |= (uint32_t)bytes[i] << 8 * i;
	}
	if (size < HEADER_BYTES ||
	    sum != checksum(bytes + CHECKSUM_BYTES, size - CHECKSUM_BYTES) ||
	    (bytes[CHECKSUM_BYTES] != COUNTS_VERSION &&
	     bytes[CHECKSUM_BYTES] != COUNTS_VERSION_NO_SIZES))
	{
		return false;
	}
	c = coder_new(bytes[CHECKSUM_BYTES] != COUNTS_VERSION_NO_SIZES);
	if (c == NULL) {
		return false;
	}
	range_read(&c->range, bytes + HEADER_BYTES, size - HEADER_BYTES);
	ok = read_all(c, sums, last);
	coder_free(c);
	return ok;
}
