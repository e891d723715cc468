/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>

#include "counters_code.h"

#define GAP_BITS 4
#define GAP_MAX ((1u << GAP_BITS) - 1)

/* -------------------------------- varints -------------------------------- */

static bool make_room(struct counters_bytes *b, size_t size)
{
	unsigned char *more;

	if (b->size + size <= b->room) {
		return true;
	}
	more = realloc(b->data, (b->room + size) * 2);
	if (more == NULL) {
		b->failed = true;
		return false;
	}
	b->data = more;
	b->room = (b->room + size) * 2;
	return true;
}

void counters_byte(struct counters_bytes *b, unsigned char byte)
{
	if (make_room(b, 1)) {
		b->data[b->size++] = byte;
	}
}

static void put(struct counters_bytes *b, uint64_t value)
{
	if (!make_room(b, 10)) {
		return;
	}
	for (; value > 0x7f; value >>= 7) {
		b->data[b->size++] = (unsigned char)(value | 0x80);
	}
	b->data[b->size++] = (unsigned char)value;
}

struct taking {
	const unsigned char *at;
	const unsigned char *end;
	bool failed;
};

static uint64_t take(struct taking *t)
{
	uint64_t value = 0;
	unsigned shift;

	for (shift = 0; shift < 64 && t->at < t->end; shift += 7) {
		unsigned char byte = *t->at++;

		value |= (uint64_t)(byte & 0x7f) << shift;
		if (byte <= 0x7f) {
			return value;
		}
	}
	t->failed = true;
	return 0;
}

/* ------------------------------- histogram ------------------------------- */

/* Is all known of this single call by its time? */
static bool is_single(const struct row_sum *sum)
{
	return sum->count == 1 &&
		sum->histogram[hist_bucket(sum->total_ns)] == 1;
}

static void put_histogram(struct counters_bytes *b, const struct row_sum *sum)
{
	uint64_t words = 0;
	int i, last = -1;

	for (i = 0; i < (int)HIST_BUCKETS; i++) {
		if (sum->histogram[i] != 0) {
			words += i - last > (int)GAP_MAX ? 2 : 1;
			last = i;
		}
	}
	put(b, words);
	last = -1;
	for (i = 0; i < (int)HIST_BUCKETS; i++) {
		unsigned gap = (unsigned)(i - last);

		if (sum->histogram[i] == 0) {
			continue;
		}
		if (gap <= GAP_MAX) {
			put(b, sum->histogram[i] << GAP_BITS | gap);
		} else {
			put(b, sum->histogram[i] << GAP_BITS);
			put(b, gap);
		}
		last = i;
	}
}

/* Also sets the count and the extremes, which follow from it. */
static void take_histogram(struct taking *t, struct row_sum *sum)
{
	uint64_t words = take(t);
	uint64_t bucket = UINT64_MAX;	/* -1 */

	while (words-- != 0 && !t->failed) {
		uint64_t word = take(t);
		uint64_t gap = word & GAP_MAX;

		if (gap == 0) {
			gap = take(t);
			words--;
		}
		/* Also if words were 0: then it is large now. */
		if (gap == 0 || gap > HIST_BUCKETS ||
		    bucket + gap >= HIST_BUCKETS) {
			t->failed = true;
			return;
		}
		bucket += gap;
		sum->histogram[bucket] = word >> GAP_BITS;
		sum->count += word >> GAP_BITS;
		row_sum_widen(sum, hist_lower((unsigned)bucket),
			      hist_upper((unsigned)bucket) - 1);
	}
}

/* What the histogram says of the extremes. */
static bool has_bounds(const struct row_sum *sum)
{
	int low = 0, high = (int)HIST_BUCKETS - 1;

	if (sum->count == 0) {
		return true;
	}
	while (low < high && sum->histogram[low] == 0) {
		low++;
	}
	while (high > low && sum->histogram[high] == 0) {
		high--;
	}
	return sum->min_ns == hist_lower((unsigned)low) &&
		sum->max_ns == hist_upper((unsigned)high) - 1;
}

/* --------------------------------- errors -------------------------------- */

static uint32_t codes_of(const struct row_sum *sum)
{
	uint32_t i, codes = 0;

	for (i = 0; i < sum->error_count; i++) {
		codes += sum->error[i].count != 0;
	}
	return codes;
}

static void put_errors(struct counters_bytes *b, const struct row_sum *sum)
{
	uint32_t i;

	put(b, codes_of(sum));
	for (i = 0; i < sum->error_count; i++) {
		if (sum->error[i].count != 0) {
			put(b, sum->error[i].code);
			put(b, sum->error[i].count);
		}
	}
}

static void take_errors(struct taking *t, struct row_sum *sum)
{
	uint64_t codes = take(t);

	while (codes-- != 0 && !t->failed) {
		uint32_t code = (uint32_t)take(t);
		uint64_t count = take(t);

		row_sum_error(sum, code, count);
		sum->errors += count;
	}
}

/* --------------------------------- sizes --------------------------------- */

/* How many buckets there are up to the last that is not 0. */
static unsigned sizes_of(const struct row_sum *sum)
{
	unsigned count = SIZE_BUCKETS;

	while (count > 0 && sum->sizes[count - 1] == 0) {
		count--;
	}
	return count;
}

static void put_sizes(struct counters_bytes *b, const struct row_sum *sum)
{
	unsigned i, count = sizes_of(sum);

	put(b, count);
	for (i = 0; i < count; i++) {
		put(b, sum->sizes[i]);
	}
}

static void take_sizes(struct taking *t, struct row_sum *sum)
{
	uint64_t i, count = take(t);

	if (count > SIZE_BUCKETS) {
		t->failed = true;
		return;
	}
	for (i = 0; i < count; i++) {
		sum->sizes[i] = take(t);
	}
}

/* --------------------------------- whole --------------------------------- */

static unsigned flags_of(const struct row_sum *sum)
{
	unsigned flags = 0;

	flags |= sum->bytes != 0 ? COUNTERS_BYTES : 0;
	flags |= sizes_of(sum) != 0 ? COUNTERS_SIZES : 0;
	flags |= codes_of(sum) != 0 ? COUNTERS_ERRORS : 0;
	flags |= sum->untimed != 0 ? COUNTERS_UNTIMED : 0;
	flags |= sum->async != 0 || sum->service_count != 0 ?
		COUNTERS_ASYNC : 0;
	if (is_single(sum)) {
		return flags | COUNTERS_SINGLE;
	}
	return flags | (has_bounds(sum) ? 0 : COUNTERS_EXTREMES);
}

void counters_pack(struct counters_bytes *b, uint32_t gap,
		   const struct row_sum *sum)
{
	unsigned flags = flags_of(sum);

	put(b, gap);
	put(b, flags);
	put(b, sum->total_ns);
	if ((flags & COUNTERS_SINGLE) == 0) {
		put_histogram(b, sum);
	}
	if (flags & COUNTERS_BYTES) {
		put(b, sum->bytes);
	}
	if (flags & COUNTERS_SIZES) {
		put_sizes(b, sum);
	}
	if (flags & COUNTERS_EXTREMES) {
		put(b, sum->min_ns);
		put(b, sum->max_ns - sum->min_ns);
	}
	if (flags & COUNTERS_ERRORS) {
		put_errors(b, sum);
	}
	if (flags & COUNTERS_UNTIMED) {
		put(b, sum->untimed);
	}
	if (flags & COUNTERS_ASYNC) {
		put(b, sum->async);
		put(b, sum->service_count);
		put(b, sum->service_ns);
		put(b, sum->service_wall_ns);
	}
}

bool counters_unpack(const unsigned char **at, const unsigned char *end,
		     uint32_t *gap, struct row_sum *sum)
{
	struct taking t = { .at = *at, .end = end };
	uint64_t flags;

	row_sum_init(sum);
	*gap = (uint32_t)take(&t);
	flags = take(&t);
	sum->total_ns = take(&t);
	if (flags & COUNTERS_SINGLE) {
		sum->histogram[hist_bucket(sum->total_ns)] = sum->count = 1;
		row_sum_widen(sum, sum->total_ns, sum->total_ns);
	} else {
		take_histogram(&t, sum);
	}
	if (flags & COUNTERS_BYTES) {
		sum->bytes = take(&t);
	}
	if (flags & COUNTERS_SIZES) {
		take_sizes(&t, sum);
	}
	if (flags & COUNTERS_EXTREMES) {
		sum->min_ns = take(&t);
		sum->max_ns = sum->min_ns + take(&t);
	}
	if (flags & COUNTERS_ERRORS) {
		take_errors(&t, sum);
	}
	if (flags & COUNTERS_UNTIMED) {
		sum->untimed = take(&t);
	}
	if (flags & COUNTERS_ASYNC) {
		sum->async = take(&t);
		sum->service_count = take(&t);
		sum->service_ns = take(&t);
		sum->service_wall_ns = take(&t);
	}
	*at = t.at;
	return !t.failed;
}
