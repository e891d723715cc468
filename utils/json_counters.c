/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "error_name.h"
#include "json_counters.h"

/* A bucket of a histogram: [lower, upper, count], upper null if it has none. */
struct bucket {
	uint64_t lower;
	uint64_t upper;			/* UINT64_MAX: none */
	uint64_t count;
};

static bool get_bucket(const struct json_cursor *r, const struct json_place *p,
		       const json_t *array, struct bucket *b)
{
	const json_t *lower = json_array_get(array, 0);
	const json_t *upper = json_array_get(array, 1);
	const json_t *count = json_array_get(array, 2);

	if (json_array_size(array) != 3 || !json_is_integer(lower) ||
	    !(json_is_integer(upper) || json_is_null(upper)) ||
	    !json_is_integer(count) || json_integer_value(lower) < 0 ||
	    json_integer_value(count) < 0) {
		return json_wrong(r, p, NULL, "is not [lower, upper, count]");
	}
	b->lower = (uint64_t)json_integer_value(lower);
	b->upper = json_is_null(upper) ? UINT64_MAX :
		(uint64_t)json_integer_value(upper);
	b->count = (uint64_t)json_integer_value(count);
	return true;
}

static bool add_bucket(const struct json_cursor *r, const struct json_place *p,
		       const json_t *array, struct row_sum *sum)
{
	struct bucket bucket;
	unsigned b;

	if (!get_bucket(r, p, array, &bucket)) {
		return false;
	}
	b = hist_bucket(bucket.lower);
	if (hist_lower(b) != bucket.lower || hist_upper(b) != bucket.upper) {
		return json_wrong(r, p, NULL,
				  "is not a bucket of the histogram");
	}
	sum->histogram[b] += bucket.count;
	return true;
}

static bool add_histogram(const struct json_cursor *r,
			  const struct json_place *above, json_t *object,
			  struct row_sum *sum)
{
	struct json_place in = { above, "histogram", 0 };
	json_t *array = json_get(r, above, object, "histogram", JSON_ARRAY);
	uint64_t count = 0;
	unsigned b;

	if (array == NULL) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(array); i++) {
		const struct json_place p = { &in, NULL, i };

		if (!add_bucket(r, &p, json_array_get(array, i), sum)) {
			return false;
		}
	}
	for (b = 0; b < HIST_BUCKETS; b++) {
		count += sum->histogram[b];
	}
	if (count != sum->count) {
		return json_wrong(r, &in, NULL, "does not add up to the count");
	}
	return true;
}

static bool add_size(const struct json_cursor *r, const struct json_place *p,
		     const json_t *array, struct row_sum *sum)
{
	struct bucket bucket;
	unsigned b;

	if (!get_bucket(r, p, array, &bucket)) {
		return false;
	}
	b = size_bucket(bucket.lower);
	if (size_lower(b) != bucket.lower || size_upper(b) != bucket.upper) {
		return json_wrong(r, p, NULL, "is not a bucket of sizes");
	}
	sum->sizes[b] += bucket.count;
	return true;
}

/* Older reports have none. */
static bool add_sizes(const struct json_cursor *r,
		      const struct json_place *above, json_t *object,
		      struct row_sum *sum)
{
	struct json_place in = { above, "sizes", 0 };
	json_t *array;

	if (json_object_get(object, "sizes") == NULL) {
		return true;
	}
	array = json_get(r, above, object, "sizes", JSON_ARRAY);
	if (array == NULL) {
		return false;
	}
	for (size_t i = 0; i < json_array_size(array); i++) {
		const struct json_place p = { &in, NULL, i };

		if (!add_size(r, &p, json_array_get(array, i), sum)) {
			return false;
		}
	}
	return true;
}

static bool add_errors(const struct json_cursor *r,
		       const struct json_place *above, json_t *object,
		       struct row_sum *sum)
{
	const struct json_place in = { above, "errors_by_code", 0 };
	json_t *codes = json_get(r, above, object, "errors_by_code",
				 JSON_OBJECT);
	const char *name;
	json_t *ignored;

	if (codes == NULL) {
		return false;
	}
	json_object_foreach(codes, name, ignored) {
		uint32_t code = error_code(name);
		uint64_t count = 0;

		(void)ignored;
		if (code == 0) {
			return json_wrong(r, &in, name,
					  "is not a known error");
		}
		if (!json_add(r, &in, codes, name, &count)) {
			return false;
		}
		row_sum_error(sum, code, count);
	}
	return true;
}

bool json_counters(const struct json_cursor *r, const struct json_place *p,
		   json_t *object, struct group *g)
{
	uint64_t failures = 0;
	struct row_sum sum;

	row_sum_init(&sum);
	sum.min_ns = 0;
	if (!json_is_object(object)) {
		return json_wrong(r, p, NULL, "is not an object");
	}
	if (!json_add(r, p, object, "count", &sum.count) ||
	    !json_add(r, p, object, "errors", &sum.errors) ||
	    !json_add(r, p, object, "failures", &failures) ||
	    !json_add(r, p, object, "bytes", &sum.bytes) ||
	    !json_add(r, p, object, "total_ns", &sum.total_ns) ||
	    !json_add(r, p, object, "self_ns", &g->self_ns) ||
	    !json_add_if_there(r, p, object, "send_ns", &g->send_ns) ||
	    !json_add(r, p, object, "min_ns", &sum.min_ns) ||
	    !json_add(r, p, object, "max_ns", &sum.max_ns) ||
	    !json_add(r, p, object, "untimed", &sum.untimed) ||
	    !json_add_if_there(r, p, object, "async", &sum.async) ||
	    !json_add_if_there(r, p, object, "service_count",
			       &sum.service_count) ||
	    !json_add_if_there(r, p, object, "service_ns", &sum.service_ns) ||
	    !json_add_if_there(r, p, object, "service_wall_ns",
			       &sum.service_wall_ns) ||
	    !add_errors(r, p, object, &sum) ||
	    !add_histogram(r, p, object, &sum) ||
	    !add_sizes(r, p, object, &sum)) {
		return false;
	}
	if (failures > sum.errors) {
		return json_wrong(r, p, "failures", "is more than errors");
	}
	g->answers += sum.errors - failures;
	if (sum.count == 0) {
		sum.min_ns = UINT64_MAX;
	}
	row_sum_add(&g->sum, &sum);
	return true;
}
