/*
 * The counters of up to 256 keys in one interval as few bytes, for the database
 * of the history.
 *
 * Bytes 0 to 3 are a checksum of the others (FNV-1a, low byte first), byte 4 is
 * COUNTS_VERSION. The rest comes from the range coder, see range_code.h: the
 * paths in order, the keys in order, of each its tree connects, and of each
 * path whether the key has it, and its counters. What is expected of them
 * is what the keys before had below the same path.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef COUNTS_CODE_H
#define COUNTS_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counters_code.h"
#include "path_sums.h"

#define COUNTS_KEYS 256u
#define COUNTS_VERSION 2
#define COUNTS_VERSION_NO_SIZES 1	/* is read, too */

/* What of a key was counted, as path_sums_pack() makes it. */
struct counts_key {
	uint32_t key;
	uint64_t tree_connects;
	struct counters_bytes nodes;
};

/*
 * Appends the counters of keys, which come in order and have the same
 * key / COUNTS_KEYS. Returns false: no memory.
 */
bool counts_pack(const struct counts_key *keys, unsigned count,
		 struct counters_bytes *bytes);

/* The counters of some keys with the same key / COUNTS_KEYS, summed up. */
struct counts_sums {
	bool used[COUNTS_KEYS];
	uint64_t tree_connects[COUNTS_KEYS];
	struct path_sums sums[COUNTS_KEYS];
};

/*
 * Adds what counts_pack() made. Returns false: it makes no sense, or there is
 * no memory. Paths above `last` make no sense.
 */
bool counts_unpack(struct counts_sums *sums, const void *data, size_t size,
		   uint32_t last);

#endif
