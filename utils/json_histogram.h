/*
 * Histograms in JSON, of latencies and of sizes: an array of [lower, upper,
 * count] of the buckets hit; upper is null for the one without an end.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef JSON_HISTOGRAM_H
#define JSON_HISTOGRAM_H

#include "json_cursor.h"
#include "row_sum.h"

json_t *json_latencies(const struct row_sum *sum);
json_t *json_sizes(const struct row_sum *sum);

/*
 * Adds the "histogram", and the "sizes" if there are any, of an object with
 * this count. Returns false after saying what is wrong.
 */
bool json_histograms_add(const struct json_cursor *r,
			 const struct json_place *above, json_t *object,
			 struct row_sum *sum);

#endif
