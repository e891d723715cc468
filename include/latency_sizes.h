/*
 * Histogram of the sizes of reads and writes: bytes <-> bucket.
 *
 * By powers of two: bucket 0 takes 1 to 511 bytes, bucket k > 0 takes 2^(k+8)
 * to 2^(k+9) - 1, and the last one all from 8 MiB on, which is the most that
 * SMB2 moves with one request. So 4 KiB are the least that bucket 4 takes. What
 * moved nothing is in no bucket.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LATENCY_SIZES_H
#define LATENCY_SIZES_H

#include <stdint.h>

#define SIZE_BUCKETS 16u
#define SIZE_FIRST_BITS 8

/* The bucket of so many bytes, which are not 0. */
static inline unsigned size_bucket(uint64_t bytes)
{
	unsigned bucket = (63u ^ (unsigned)__builtin_clzll(
		bytes | 1u << SIZE_FIRST_BITS)) - SIZE_FIRST_BITS;

	return bucket < SIZE_BUCKETS ? bucket : SIZE_BUCKETS - 1;
}

/* The fewest bytes that fall into a bucket. */
static inline uint64_t size_lower(unsigned bucket)
{
	return bucket == 0 ? 1 : (uint64_t)1 << (bucket + SIZE_FIRST_BITS);
}

/* The fewest bytes above a bucket; UINT64_MAX for the last one. */
static inline uint64_t size_upper(unsigned bucket)
{
	return bucket + 1 < SIZE_BUCKETS ? size_lower(bucket + 1) : UINT64_MAX;
}

#endif
