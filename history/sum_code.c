/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>

#include "sum_code.h"

enum {
	FLAG_BYTES = 1,
	FLAG_EXTREMES = 2,
	FLAG_ERRORS = 4,
	FLAG_UNTIMED = 8,
	FLAG_ASYNC = 16,
	FLAG_SIZES = 32,
	FLAGS = 6,
};

enum field {
	FIELD_BYTES,
	FIELD_MIN,
	FIELD_MAX,
	FIELD_CODES,
	FIELD_UNTIMED,
	FIELD_ASYNC,
	FIELD_SERVICE_COUNT,
	FIELD_SERVICE,
	FIELD_SERVICE_WALL,
	FIELDS,
};

#define LENGTH_CLASSES 9u /* of what was last: 0, 1 to 8 bits, ... 64 */
#define TOTAL_MIDDLE 128u

struct sum_models {
	bool sizes;
	struct count_models size;
	struct count_models count;
	struct count_models bucket;
	struct count_models blind; /* the first node of a path */
	struct count_models error;
	struct bit_model octave[4][16];
	struct bit_model total[256];
	struct bit_model total_below[256];
	struct bit_model flag[FLAGS][3];
	struct bit_model same_bytes;
	struct bit_model same_code[2];
	struct number_models field[FIELDS][LENGTH_CLASSES];
};

struct sum_models *sum_models_new(bool sizes)
{
	struct sum_models *m = calloc(1, sizeof(*m));

	if (m != NULL) {
		m->sizes = sizes;
	}
	return m;
}

/* -------------------------------- histogram ------------------------------- */

static uint64_t sum_of(const uint64_t *numbers, unsigned count)
{
	uint64_t sum = 0;

	while (count-- > 0) {
		sum += numbers[count];
	}
	return sum;
}

/* What is around a bucket in which nothing is expected: 0 to 3. */
static unsigned near_bucket(const struct sum_past *past, const uint64_t *own,
			    unsigned i)
{
	unsigned near = 0;

	if (i > 0 && own[i - 1] != 0) {
		near |= 1;
	}
	if ((i > 0 && past->histogram[i - 1] != 0) ||
	    (i + 1 < HIST_BUCKETS && past->histogram[i + 1] != 0))
	{
		near |= 2;
	}
	return near;
}

/* Is anything in this octave? What is expected there are 16ths. */
static bool code_octave(struct range_coder *c, struct sum_models *m,
			const uint64_t *own, unsigned octave, uint64_t expected,
			bool any)
{
	unsigned length = bit_length(expected), around = 0;

	if (octave > 0) {
		own -= HIST_SUB;
		around = sum_of(own, HIST_SUB) != 0;
		around |= own[HIST_SUB - 1] != 0 ? 2 : 0;
	}
	return range_bit(c, &m->octave[around][length < 15 ? length : 15], any);
}

/* `left` calls are in this octave or above. */
static uint64_t code_buckets(struct range_coder *c, struct sum_models *m,
			     const struct sum_past *past, uint64_t *own,
			     unsigned first, uint64_t left, uint64_t *past_left)
{
	bool blind = past->nodes == 0;
	unsigned i;

	for (i = first; i < first + HIST_SUB && left != 0; i++) {
		uint64_t expected = blind ? (i > 0 ? own[i - 1] : 0) * 16
					  : range_expected(past->histogram[i],
							   *past_left, left);

		own[i] = range_count(c, blind ? &m->blind : &m->bucket, own[i],
				     expected, near_bucket(past, own, i));
		/* Read from nonsense it may be more. */
		own[i] = own[i] < left ? own[i] : left;
		left -= own[i];
		*past_left -= past->histogram[i];
	}
	return left;
}

static void code_histogram(struct range_coder *c, struct sum_models *m,
			   const struct sum_past *past, struct row_sum *sum)
{
	uint64_t left = sum->count, past_left = past->count;
	unsigned octave;

	for (octave = 0; octave < HIST_OCTAVES && left != 0; octave++) {
		unsigned first = octave * HIST_SUB;
		uint64_t *own = sum->histogram;
		uint64_t here = sum_of(&past->histogram[first], HIST_SUB);
		bool any = octave + 1 == HIST_OCTAVES ||
			   code_octave(c, m, &own[first], octave,
				       range_expected(here, past_left, left),
				       sum_of(&own[first], HIST_SUB) != 0);

		if (any) {
			left = code_buckets(c, m, past, own, first, left,
					    &past_left);
		} else {
			past_left -= here;
		}
	}
	/* What nonsense has left over. */
	sum->histogram[HIST_BUCKETS - 1] += left;
}

/* ---------------------------------- times --------------------------------- */

/* What the histogram says of the total: about how much, and how exactly. */
static uint64_t about(const struct row_sum *sum, unsigned *exactness)
{
	uint64_t total = 0;
	unsigned i, exact, most = 0;

	for (i = 0; i < HIST_BUCKETS; i++) {
		uint64_t lower = hist_lower(i), width;

		if (sum->histogram[i] == 0) {
			continue;
		}
		width = i + 1 < HIST_BUCKETS ? hist_upper(i) - lower : lower;
		total += sum->histogram[i] * (lower + width / 2);
		exact = 2 * bit_length(width) + bit_length(sum->histogram[i]);
		most = exact > most ? exact : most;
	}
	*exactness = most / 2;
	return total;
}

static void code_total(struct range_coder *c, struct sum_models *m,
		       struct row_sum *sum)
{
	unsigned exactness, length, tree;
	uint64_t middle = about(sum, &exactness);
	bool less = sum->total_ns < middle;
	uint64_t off = less ? middle - sum->total_ns : sum->total_ns - middle;

	/* Its length is about the exactness. */
	tree = range_tree(c, m->total,
			  bit_length(off) + TOTAL_MIDDLE - exactness, 8) &
	       0xff;
	length = tree + exactness >= TOTAL_MIDDLE
			 ? tree + exactness - TOTAL_MIDDLE
			 : 0;
	if (length == 0) {
		sum->total_ns = middle;
		return;
	}
	length = length > 64 ? 64 : length;
	less = range_raw(c, less, 1) != 0;
	if (length > 1) {
		uint64_t below = (UINT64_C(1) << (length - 2)) - 1;
		unsigned second = range_bit(c, &m->total_below[tree],
					    (unsigned)(off >> (length - 2)) &
						    1);

		off = (2 | (uint64_t)second) << (length - 2) |
		      range_raw(c, off & below, length - 2);
	} else {
		off = 1;
	}
	sum->total_ns = less ? middle - off : middle + off;
}

/* What the count, the total and the histogram tell of the extremes. */
static void derived_extremes(const struct row_sum *sum, uint64_t *min,
			     uint64_t *max)
{
	unsigned low = 0, high = HIST_BUCKETS - 1;

	*min = UINT64_MAX;
	*max = 0;
	if (sum->count == 0) {
		return;
	}
	if (sum->count == 1 && sum->histogram[hist_bucket(sum->total_ns)]) {
		*min = *max = sum->total_ns;
		return;
	}
	while (low < high && sum->histogram[low] == 0) {
		low++;
	}
	while (high > low && sum->histogram[high] == 0) {
		high--;
	}
	*min = hist_lower(low);
	*max = hist_upper(high) - 1;
}

/* --------------------------------- the rest ------------------------------- */

static uint64_t code_field(struct range_coder *c, struct sum_models *m,
			   enum field field, uint64_t value, uint64_t last)
{
	unsigned class = (bit_length(last) + 7) / 8;

	return range_number(c, &m->field[field][class], value);
}

static void code_bytes(struct range_coder *c, struct sum_models *m,
		       const struct sum_past *past, struct row_sum *sum)
{
	uint64_t expected = 0;

	/* Often they are as many for each call. */
	if (past->last.count != 0) {
		expected = past->last.bytes / past->last.count * sum->count;
	}
	if (!range_bit(c, &m->same_bytes, sum->bytes == expected)) {
		sum->bytes = code_field(c, m, FIELD_BYTES, sum->bytes,
					expected);
	} else {
		sum->bytes = expected;
	}
}

/* As many calls, of those that are left, of each size as the last time. */
static void code_sizes(struct range_coder *c, struct sum_models *m,
		       const struct sum_past *past, struct row_sum *sum)
{
	uint64_t left = sum->count, past_left = past->last.count;
	unsigned i;

	for (i = 0; i < SIZE_BUCKETS && left != 0; i++) {
		uint64_t last = past->nodes == 0 ? 0 : past->last.sizes[i];
		uint64_t *own = &sum->sizes[i];

		*own = range_count(c, &m->size, *own,
				   range_expected(last, past_left, left), 0);
		/* Read from nonsense it may be more. */
		*own = *own < left ? *own : left;
		left -= *own;
		past_left -= last;
	}
}

static unsigned codes_of(const struct row_sum *sum)
{
	unsigned i, codes = 0;

	for (i = 0; i < sum->error_count; i++) {
		codes += sum->error[i].count != 0;
	}
	return codes;
}

/* One code and its count, the number-th of the node. */
static void code_error(struct range_coder *c, struct sum_models *m,
		       const struct row_sum *last, unsigned number,
		       uint64_t calls, uint32_t *code, uint64_t *count)
{
	bool known = number < last->error_count;
	uint64_t expected = 0;
	bool same = known && *code == last->error[number].code;

	same = range_bit(c, &m->same_code[known], same) && known;
	if (same) {
		*code = last->error[number].code;
		expected = range_expected(last->error[number].count,
					  last->count, calls);
	} else {
		*code = (uint32_t)range_raw(c, *code, 32);
	}
	*count = range_count(c, &m->error, *count, expected, same);
}

static void code_errors(struct range_coder *c, struct sum_models *m,
			const struct sum_past *past, struct row_sum *sum)
{
	const struct row_sum given = *sum;
	uint64_t codes = code_field(c, m, FIELD_CODES, codes_of(sum),
				    past->last.error_count);
	unsigned i, from = 0;

	sum->errors = sum->error_count = 0;
	for (i = 0; i < codes && i < ROW_SUM_ERRORS; i++) {
		uint32_t code = 0;
		uint64_t count = 0;

		while (from < given.error_count && given.error[from].count == 0)
		{
			from++;
		}
		if (from < given.error_count) {
			code = given.error[from].code;
			count = given.error[from++].count;
		}
		code_error(c, m, &past->last, i, sum->count, &code, &count);
		sum->error[i].code = code;
		sum->error[i].count = count;
		sum->errors += count;
		sum->error_count++;
	}
}

/* ---------------------------------- whole --------------------------------- */

static unsigned flags_of(const struct row_sum *sum, uint64_t min, uint64_t max)
{
	unsigned flags = 0;

	flags |= sum->bytes != 0 ? FLAG_BYTES : 0;
	flags |= sum_of(sum->sizes, SIZE_BUCKETS) != 0 ? FLAG_SIZES : 0;
	flags |= sum->min_ns != min || sum->max_ns != max ? FLAG_EXTREMES : 0;
	flags |= codes_of(sum) != 0 ? FLAG_ERRORS : 0;
	flags |= sum->untimed != 0 ? FLAG_UNTIMED : 0;
	flags |= sum->async != 0 || sum->service_count != 0 ? FLAG_ASYNC : 0;
	return flags;
}

static unsigned code_flags(struct range_coder *c, struct sum_models *m,
			   const struct sum_past *past, unsigned flags)
{
	unsigned i, coded = 0;

	for (i = 0; i < (m->sizes ? FLAGS : FLAGS - 1); i++) {
		unsigned last = past->nodes == 0 ? 2 : past->flags >> i & 1;

		coded |= range_bit(c, &m->flag[i][last], flags >> i & 1) << i;
	}
	return coded;
}

static void code_async(struct range_coder *c, struct sum_models *m,
		       const struct row_sum *last, struct row_sum *sum)
{
	sum->async = code_field(c, m, FIELD_ASYNC, sum->async, last->async);
	sum->service_count = code_field(c, m, FIELD_SERVICE_COUNT,
					sum->service_count, sum->async);
	sum->service_ns = code_field(c, m, FIELD_SERVICE, sum->service_ns,
				     last->service_ns);
	sum->service_wall_ns = code_field(c, m, FIELD_SERVICE_WALL,
					  sum->service_wall_ns,
					  sum->service_ns);
}

static void remember(struct sum_past *past, const struct row_sum *sum,
		     unsigned flags)
{
	unsigned i;

	past->nodes++;
	past->count += sum->count;
	for (i = 0; i < HIST_BUCKETS; i++) {
		past->histogram[i] += sum->histogram[i];
	}
	past->flags = flags;
	past->last = *sum;
}

void sum_code(struct range_coder *c, struct sum_models *m,
	      struct sum_past *past, struct row_sum *sum)
{
	uint64_t min, max;
	unsigned flags;

	/* A count that is not the sum of the histogram is not written. */
	sum->count = sum_of(sum->histogram, HIST_BUCKETS);
	sum->count = range_count(c, &m->count, sum->count,
				 past->nodes == 0
					 ? 0
					 : past->count / past->nodes * 16,
				 0);
	code_histogram(c, m, past, sum);
	code_total(c, m, sum);
	derived_extremes(sum, &min, &max);
	flags = code_flags(c, m, past, flags_of(sum, min, max));
	if (flags & FLAG_BYTES) {
		code_bytes(c, m, past, sum);
	}
	if (flags & FLAG_SIZES) {
		code_sizes(c, m, past, sum);
	}
	if (flags & FLAG_EXTREMES) {
		min += code_field(c, m, FIELD_MIN, sum->min_ns - min,
				  sum->count);
		max -= code_field(c, m, FIELD_MAX, max - sum->max_ns,
				  sum->count);
	}
	sum->min_ns = min;
	sum->max_ns = max;
	if (flags & FLAG_ERRORS) {
		code_errors(c, m, past, sum);
	}
	if (flags & FLAG_UNTIMED) {
		sum->untimed = code_field(c, m, FIELD_UNTIMED, sum->untimed,
					  past->last.untimed);
	}
	if (flags & FLAG_ASYNC) {
		code_async(c, m, &past->last, sum);
	}
	remember(past, sum, flags);
}
