/*
 * The counters of one op, or of several added up: plain private memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ROW_SUM_H
#define ROW_SUM_H

#include <stdint.h>

#include "latency_hist.h"
#include "latency_sizes.h"

#define ROW_SUM_ERRORS 48

struct row_sum {
	uint64_t count;			/* timed calls; = sum of histogram */
	uint64_t total_ns;
	uint64_t min_ns;		/* UINT64_MAX if count is 0 */
	uint64_t max_ns;
	uint64_t errors;
	uint64_t bytes;
	uint64_t untimed;		/* calls counted but not timed */
	uint64_t async;			/* of count: send/recv pairs */
	uint64_t service_count;		/* of async: service time known */
	uint64_t service_ns;
	uint64_t service_wall_ns;	/* send to completion of the same */
	uint64_t histogram[HIST_BUCKETS];
	uint64_t sizes[SIZE_BUCKETS];	/* of what moved bytes */
	uint32_t error_count;
	struct {
		uint32_t code; /* errno or NTSTATUS; UINT32_MAX: more */
		uint64_t count;
	} error[ROW_SUM_ERRORS];
};

/*
 * The counters that add up as they are: of a row_sum and, under the same
 * names, of a struct latency_node.
 */
#define ROW_COUNTERS(COUNTER)  \
	COUNTER(count)         \
	COUNTER(total_ns)      \
	COUNTER(bytes)         \
	COUNTER(untimed)       \
	COUNTER(async)         \
	COUNTER(service_count) \
	COUNTER(service_ns)    \
	COUNTER(service_wall_ns)

/* The sum of nothing. */
void row_sum_init(struct row_sum *sum);

void row_sum_add(struct row_sum *sum, const struct row_sum *more);

/*
 * Takes away an earlier state of the same counters. What is left has the
 * exact counts, totals and histogram of the time between; its min_ns and
 * max_ns are the bounds of the lowest and highest bucket hit, narrowed where
 * the later extremes tell more. Counters that have gone back were started
 * again from zero (somebody removed files): then all of them are new.
 */
void row_sum_subtract(struct row_sum *sum, const struct row_sum *earlier);

/* Widens the extremes of a sum to these; UINT64_MAX and 0: of no calls. */
void row_sum_widen(struct row_sum *sum, uint64_t min_ns, uint64_t max_ns);

/* Counts code as the reason of count errors; sum->errors is left alone. */
void row_sum_error(struct row_sum *sum, uint32_t code, uint64_t count);

/* total_ns / count, rounded to nearest; 0 if count is 0. */
uint64_t row_sum_avg(const struct row_sum *sum);

/*
 * The latency, in nanoseconds, that permille/1000 of the calls did not exceed
 * (nearest rank: the ceil(count * permille / 1000)-th smallest), 0 < permille
 * <= 1000. It is the middle of that call's bucket, kept within min_ns and
 * max_ns: off by at most 6.25 % (or 4 ns below 64 ns), see latency_hist.h;
 * max_ns for calls in the last bucket. 0 if count is 0.
 */
uint64_t row_sum_percentile(const struct row_sum *sum, unsigned permille);

#endif
