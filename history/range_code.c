/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "range_code.h"

#define TOP (UINT32_C(1) << 24) /* range is at least that */
#define ONE 65536u		/* a probability of 1 */
#define DIRECT_MAX 16u		/* counts below are coded as they are */
#define LEAST 48u		/* nothing is less likely */
#define BEYOND_MAX 8u		/* what range_finish() may leave out */

/* ---------------------------------- bits ---------------------------------- */

void range_write(struct range_coder *c, struct counters_bytes *to)
{
	memset(c, 0, sizeof(*c));
	c->to = to;
	c->range = UINT32_MAX;
	c->pending = 1;
}

/* The upper byte of low is settled unless it may still carry. */
static void shift(struct range_coder *c)
{
	if ((uint32_t)c->low < 0xff000000u || c->low > UINT32_MAX) {
		unsigned char carry = (unsigned char)(c->low >> 32);
		unsigned char byte = c->first;

		do {
			counters_byte(c->to, (unsigned char)(byte + carry));
			byte = 0xff;
		} while (--c->pending != 0);
		c->first = (unsigned char)(c->low >> 24);
	}
	c->pending++;
	c->low = (uint32_t)c->low << 8;
}

void range_finish(struct range_coder *c)
{
	unsigned i;

	for (i = 0; i < 5; i++) {
		shift(c);
	}
}

static uint32_t next_byte(struct range_coder *c)
{
	if (c->at < c->end) {
		return *c->at++;
	}
	c->beyond++;
	return 0;
}

void range_read(struct range_coder *c, const void *data, size_t size)
{
	unsigned i;

	memset(c, 0, sizeof(*c));
	c->at = data;
	c->end = c->at + size;
	c->range = UINT32_MAX;
	for (i = 0; i < 5; i++) {
		c->code = c->code << 8 | next_byte(c);
	}
}

bool range_overrun(const struct range_coder *c)
{
	return c->beyond > BEYOND_MAX;
}

static void normalize(struct range_coder *c)
{
	while (c->range < TOP) {
		c->range <<= 8;
		if (c->to != NULL) {
			shift(c);
		} else {
			c->code = c->code << 8 | next_byte(c);
		}
	}
}

/* How much is learned from a bit after so many: ONE / (seen + 2). */
static const uint16_t rates[] = {
	32768, 21845, 16384, 13107, 10922, 9362, 8192, 7281, 6553, 5957,
	5461,  5041,  4681,  4369,  4096,  3855, 3640, 3449, 3276, 3120,
	2978,  2849,  2730,  2621,  2520,  2427, 2340, 2259, 2184, 2114,
	2048,  1985,  1927,  1872,  1820,  1771, 1724, 1680, 1638, 1598,
	1560,  1524,  1489,  1456,  1424,  1394, 1365, 1337,
};

#define SEEN_MAX (sizeof(rates) / sizeof(rates[0]) - 1)

static void learn(struct bit_model *m, unsigned bit)
{
	uint32_t zero = m->zero, rate = rates[m->seen];

	zero = bit == 0 ? zero + ((ONE - zero) * rate >> 16)
			: zero - (zero * rate >> 16);
	zero = zero < LEAST ? LEAST : zero;
	m->zero = (uint16_t)(zero > ONE - LEAST ? ONE - LEAST : zero);
	m->seen = (uint16_t)(m->seen + (m->seen < SEEN_MAX));
}

unsigned range_bit(struct range_coder *c, struct bit_model *m, unsigned bit)
{
	uint32_t bound;

	if (m->zero == 0) {
		m->zero = ONE / 2;
	}
	bound = (c->range >> 16) * m->zero;
	if (c->to == NULL) {
		bit = c->code >= bound;
		c->code -= bit ? bound : 0;
	} else if (bit) {
		c->low += bound;
	}
	c->range = bit ? c->range - bound : bound;
	learn(m, bit);
	normalize(c);
	return bit;
}

uint64_t range_raw(struct range_coder *c, uint64_t value, unsigned bits)
{
	uint64_t result = 0;

	while (bits > 0) {
		unsigned take = bits > 16 ? 16 : bits;
		uint32_t part;

		bits -= take;
		part = (uint32_t)(value >> bits) & ((1u << take) - 1);
		c->range >>= take;
		if (c->to != NULL) {
			c->low += (uint64_t)part * c->range;
		} else {
			part = c->code / c->range;
			part = part >> take != 0 ? (1u << take) - 1 : part;
			c->code -= part * c->range;
		}
		normalize(c);
		result = result << take | part;
	}
	return result;
}

unsigned range_tree(struct range_coder *c, struct bit_model *models,
		    unsigned value, unsigned bits)
{
	unsigned node = 1;

	while (bits-- > 0) {
		node = node << 1 |
		       range_bit(c, &models[node], value >> bits & 1);
	}
	return node;
}

/* --------------------------------- numbers -------------------------------- */

uint64_t range_number(struct range_coder *c, struct number_models *models,
		      uint64_t value)
{
	unsigned length = range_tree(c, models->length, bit_length(value), 7) &
			  0x7f;
	uint64_t result;

	length = length > 64 ? 64 : length;
	if (length <= 1) {
		return length;
	}
	result = 2 | range_bit(c, &models->second[length],
			       (unsigned)(value >> (length - 2)) & 1);
	if (length == 2) {
		return result;
	}
	return result << (length - 2) |
	       range_raw(c, value & ((UINT64_C(1) << (length - 2)) - 1),
			 length - 2);
}

uint64_t range_expected(uint64_t part, uint64_t whole, uint64_t count)
{
	unsigned length = bit_length(whole), shift_count;
	uint64_t ratio;

	if (length > 44) {
		part >>= length - 44;
		whole >>= length - 44;
	}
	if (whole == 0) {
		return 0;
	}
	part = part < whole ? part : whole;
	ratio = (part << 20) / whole; /* at most 1 << 20 */
	length = bit_length(count);
	shift_count = length > 40 ? length - 40 : 0;
	return (ratio * (count >> shift_count)) >> 16 << shift_count;
}

/* The length, the highest three bits below the highest, and the rest. */
static uint64_t code_by_class(struct range_coder *c, struct count_models *m,
			      uint64_t value, unsigned class)
{
	unsigned length = 0, wanted = bit_length(value);
	unsigned bits, learned, top;
	uint64_t rest;

	while (length < 64 &&
	       range_bit(c, &m->length[class][length], length < wanted)) {
		length++;
	}
	if (length <= 1) {
		return length;
	}
	bits = length - 1;
	learned = bits < 3 ? bits : 3;
	bits -= learned;
	top = range_tree(c, m->below[class][length < 7 ? length : 7],
			 (unsigned)(value >> bits) & ((1u << learned) - 1),
			 learned);
	rest = bits == 0 ? 0
			 : range_raw(c, value & ((UINT64_C(1) << bits) - 1),
				     bits);
	return (uint64_t)top << bits | rest;
}

uint64_t range_count(struct range_coder *c, struct count_models *m,
		     uint64_t value, uint64_t expected, unsigned near)
{
	unsigned length = bit_length(expected), class;
	uint64_t middle = (expected + 8) / 16, difference, below;
	unsigned raw;
	bool less;

	if (expected == 0) {
		return code_by_class(c, m, value, near);
	}
	/* Two classes for each power of two. */
	class = 4 + 2 * (length - 1) +
		(length > 1 ? (unsigned)(expected >> (length - 2)) & 1 : 0);
	class = class < COUNT_CLASSES ? class : COUNT_CLASSES - 1;
	if (middle < DIRECT_MAX) {
		return code_by_class(c, m, value, class);
	}
	/*
	 * By how much it is off, by 0 is never less. That is about the root of
	 * what is expected: of its lower bits nothing is learned.
	 */
	less = range_bit(c, &m->less[class], value < middle);
	difference = less ? middle - value - 1 : value - middle;
	raw = bit_length(middle) / 2 - 2;
	below = difference & ((UINT64_C(1) << raw) - 1);
	difference = code_by_class(c, m, difference >> raw, class);
	difference = difference << raw | range_raw(c, below, raw);
	return less ? middle - difference - 1 : middle + difference;
}
