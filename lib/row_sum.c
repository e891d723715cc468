/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "row_sum.h"

void row_sum_init(struct row_sum *sum)
{
	memset(sum, 0, sizeof(*sum));
	sum->min_ns = UINT64_MAX;
}

void row_sum_error(struct row_sum *sum, uint32_t code, uint64_t count)
{
	uint32_t i;

	for (i = 0; i < sum->error_count; i++) {
		if (sum->error[i].code == code) {
			sum->error[i].count += count;
			return;
		}
	}
	if (i == ROW_SUM_ERRORS) {
		/* One entry is of all that have no place, wherever it is. */
		for (i = 0; i < ROW_SUM_ERRORS - 1 &&
		     sum->error[i].code != UINT32_MAX; i++) {
		}
		sum->error[i].code = UINT32_MAX;
		sum->error[i].count += count;
		return;
	}
	sum->error[i].code = code;
	sum->error[i].count = count;
	sum->error_count++;
}

void row_sum_widen(struct row_sum *sum, uint64_t min_ns, uint64_t max_ns)
{
	if (min_ns < sum->min_ns) {
		sum->min_ns = min_ns;
	}
	if (max_ns > sum->max_ns) {
		sum->max_ns = max_ns;
	}
}

void row_sum_add(struct row_sum *sum, const struct row_sum *more)
{
	uint32_t i;

#define ADD(counter) sum->counter += more->counter;
	ROW_COUNTERS(ADD)
#undef ADD
	sum->errors += more->errors;
	row_sum_widen(sum, more->min_ns, more->max_ns);
	for (i = 0; i < HIST_BUCKETS; i++) {
		sum->histogram[i] += more->histogram[i];
	}
	for (i = 0; i < SIZE_BUCKETS; i++) {
		sum->sizes[i] += more->sizes[i];
	}
	for (i = 0; i < more->error_count; i++) {
		row_sum_error(sum, more->error[i].code, more->error[i].count);
	}
}

/* What the histogram alone tells of the extremes. */
static void extremes_from_histogram(struct row_sum *sum)
{
	uint64_t later_min = sum->min_ns;
	uint64_t later_max = sum->max_ns;
	int low = 0, high = HIST_BUCKETS - 1;

	if (sum->count == 0) {
		sum->min_ns = UINT64_MAX;
		sum->max_ns = 0;
		return;
	}
	while (low < high && sum->histogram[low] == 0) {
		low++;
	}
	while (high > low && sum->histogram[high] == 0) {
		high--;
	}
	sum->min_ns = hist_lower(low);
	sum->max_ns = hist_upper(high) - 1;
	if (sum->min_ns < later_min) {
		sum->min_ns = later_min;
	}
	if (sum->max_ns > later_max) {
		sum->max_ns = later_max;
	}
}

void row_sum_subtract(struct row_sum *sum, const struct row_sum *earlier)
{
	uint32_t i, j;

	if (sum->count < earlier->count || sum->untimed < earlier->untimed) {
		return;
	}
#define SUBTRACT(counter) sum->counter -= earlier->counter;
	ROW_COUNTERS(SUBTRACT)
#undef SUBTRACT
	sum->errors -= earlier->errors;
	for (i = 0; i < HIST_BUCKETS; i++) {
		sum->histogram[i] -= earlier->histogram[i];
	}
	for (i = 0; i < SIZE_BUCKETS; i++) {
		sum->sizes[i] -= earlier->sizes[i];
	}
	for (i = 0; i < earlier->error_count; i++) {
		for (j = 0; j < sum->error_count; j++) {
			if (sum->error[j].code != earlier->error[i].code) {
				continue;
			}
			/* Which codes have no place may have changed. */
			sum->error[j].count -= earlier->error[i].count <
				sum->error[j].count ?
				earlier->error[i].count : sum->error[j].count;
		}
	}
	extremes_from_histogram(sum);
}

uint64_t row_sum_avg(const struct row_sum *sum)
{
	if (sum->count == 0) {
		return 0;
	}
	return sum->total_ns / sum->count +
		(sum->total_ns % sum->count >= (sum->count + 1) / 2);
}

uint64_t row_sum_percentile(const struct row_sum *sum, unsigned permille)
{
	uint64_t rank, below = 0, value;
	unsigned bucket;

	if (sum->count == 0) {
		return 0;
	}
	/* Without overflow: count = 1000 * thousands + rest. */
	rank = sum->count / 1000 * permille +
		(sum->count % 1000 * permille + 999) / 1000;

	for (bucket = 0; bucket < HIST_BUCKETS - 1; bucket++) {
		below += sum->histogram[bucket];
		if (below >= rank) {
			break;
		}
	}
	if (bucket == HIST_BUCKETS - 1) {
		return sum->max_ns;
	}
	value = (hist_lower(bucket) + hist_upper(bucket)) / 2;
	if (value < sum->min_ns) {
		value = sum->min_ns;
	}
	if (value > sum->max_ns) {
		value = sum->max_ns;
	}
	return value;
}
