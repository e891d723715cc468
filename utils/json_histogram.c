/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "json_histogram.h"

/* A kind of histogram. */
struct scale {
	const char *key;
	const char *no_bucket;
	unsigned buckets;
	unsigned (*bucket)(uint64_t value);
	uint64_t (*lower)(unsigned bucket);
	uint64_t (*upper)(unsigned bucket);	/* UINT64_MAX: no end */
};

static const struct scale latencies = {
	"histogram", "is not a bucket of the histogram",
	HIST_BUCKETS, hist_bucket, hist_lower, hist_upper,
};

static const struct scale sizes = {
	"sizes", "is not a bucket of sizes",
	SIZE_BUCKETS, size_bucket, size_lower, size_upper,
};

/* -------------------------------- writing -------------------------------- */

static json_t *write_buckets(const struct scale *scale, const uint64_t *count)
{
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < scale->buckets; i++) {
		uint64_t upper = scale->upper(i);

		if (count[i] == 0) {
			continue;
		}
		json_array_append_new(array, json_pack(
			"[I, o, I]", (json_int_t)scale->lower(i),
			upper == UINT64_MAX ? json_null() :
			json_integer((json_int_t)upper),
			(json_int_t)count[i]));
	}
	return array;
}

json_t *json_latencies(const struct row_sum *sum)
{
	return write_buckets(&latencies, sum->histogram);
}

json_t *json_sizes(const struct row_sum *sum)
{
	return write_buckets(&sizes, sum->sizes);
}

/* -------------------------------- reading -------------------------------- */

static bool is_count(const json_t *value)
{
	return json_is_integer(value) && json_integer_value(value) >= 0;
}

static bool read_bucket(const struct json_cursor *r, const struct json_place *p,
			const json_t *array, const struct scale *scale,
			uint64_t *counts)
{
	const json_t *lower = json_array_get(array, 0);
	const json_t *upper = json_array_get(array, 1);
	const json_t *count = json_array_get(array, 2);
	uint64_t end = UINT64_MAX;
	unsigned b;

	if (json_array_size(array) != 3 || !is_count(lower) ||
	    !(is_count(upper) || json_is_null(upper)) || !is_count(count)) {
		return json_wrong(r, p, NULL, "is not [lower, upper, count]");
	}
	if (!json_is_null(upper)) {
		end = (uint64_t)json_integer_value(upper);
	}
	b = scale->bucket((uint64_t)json_integer_value(lower));
	if (scale->lower(b) != (uint64_t)json_integer_value(lower) ||
	    scale->upper(b) != end) {
		return json_wrong(r, p, NULL, scale->no_bucket);
	}
	counts[b] += (uint64_t)json_integer_value(count);
	return true;
}

/* *all: how many calls are in it. */
static bool read_buckets(const struct json_cursor *r,
			 const struct json_place *above, json_t *object,
			 const struct scale *scale, uint64_t *counts,
			 uint64_t *all)
{
	const struct json_place in = { above, scale->key, 0 };
	json_t *array = json_get(r, above, object, scale->key, JSON_ARRAY);
	size_t i;
	unsigned b;

	if (array == NULL) {
		return false;
	}
	for (i = 0; i < json_array_size(array); i++) {
		const struct json_place p = { &in, NULL, i };

		if (!read_bucket(r, &p, json_array_get(array, i), scale,
				 counts)) {
			return false;
		}
	}
	for (*all = 0, b = 0; b < scale->buckets; b++) {
		*all += counts[b];
	}
	return true;
}

bool json_histograms_add(const struct json_cursor *r,
			 const struct json_place *above, json_t *object,
			 struct row_sum *sum)
{
	const struct json_place in = { above, latencies.key, 0 };
	uint64_t all;

	if (!read_buckets(r, above, object, &latencies, sum->histogram, &all)) {
		return false;
	}
	if (all != sum->count) {
		return json_wrong(r, &in, NULL, "does not add up to the count");
	}
	/* Older reports have no sizes. */
	return json_object_get(object, sizes.key) == NULL ||
		read_buckets(r, above, object, &sizes, sum->sizes, &all);
}
