/*
 * Counters in as few bytes as possible, for the history: those of one key, in
 * memory and in the state of the recorder. See counts_code.h for many keys.
 *
 * All numbers are varints: 7 bits per byte, the low ones first, the highest bit
 * set in all bytes but the last. The counters of a node are
 *
 *	path	minus the previous one: paths come in order
 *	flags	enum counters_flag: which of the optional parts follow
 *	total	ns
 *	words	how many varints of the histogram follow; absent with
 *		COUNTERS_SINGLE
 *	bucket	count * 16 + distance from the previous bucket, the first one
 *		from -1; count * 16 and another varint if that is more than 15
 *
 * and then, each if its flag is set
 *
 *	bytes
 *	sizes	how many buckets of latency_sizes.h follow, up to the last one
 *		that is not 0, and their counts
 *	min, max - min	ns; else the bounds of the lowest and highest bucket
 *	errors	how many codes, then each code and its count
 *	untimed
 *	async, service count, service ns, service wall ns
 *
 * A single call has its total as minimum and maximum, which also gives its
 * bucket. The number of calls is the sum of the buckets.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef COUNTERS_CODE_H
#define COUNTERS_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "row_sum.h"

enum counters_flag {
	COUNTERS_BYTES = 1,
	COUNTERS_EXTREMES = 2,
	COUNTERS_ERRORS = 4,
	COUNTERS_UNTIMED = 8,
	COUNTERS_ASYNC = 16,
	COUNTERS_SINGLE = 32,
	COUNTERS_SIZES = 64,
};

/* Bytes that grow. Zero in the beginning; data is to be freed. */
struct counters_bytes {
	unsigned char *data;
	size_t size;
	size_t room;
	bool failed;			/* no memory: data is not whole */
};

/* Appends a byte. */
void counters_byte(struct counters_bytes *bytes, unsigned char byte);

/* Appends the counters of the path that is `gap` after the one before. */
void counters_pack(struct counters_bytes *bytes, uint32_t gap,
		   const struct row_sum *sum);

/*
 * Takes the next ones from *at, which is less than end, and moves it. Returns
 * false if what is there makes no sense.
 */
bool counters_unpack(const unsigned char **at, const unsigned char *end,
		     uint32_t *gap, struct row_sum *sum);

#endif
