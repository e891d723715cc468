/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "error_name.h"
#include "json_counters.h"
#include "json_histogram.h"

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
	    !json_histograms_add(r, p, object, &sum)) {
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
