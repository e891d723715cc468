/*
 * The counters of one key by path, while they are summed up: plain memory, used
 * again for the next key.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PATH_SUMS_H
#define PATH_SUMS_H

#include <stdbool.h>

#include "counters_code.h"

/* Zero in the beginning. */
struct path_sums {
	struct row_sum **sum;		/* by path; NULL: none yet */
	uint32_t room;
	uint32_t *used;			/* paths that have counters */
	uint32_t count;
	bool *is_used;
};

/* The counters of a path, of nothing at first; NULL: no memory. */
struct row_sum *path_sums_at(struct path_sums *sums, uint32_t path);

/* The same if there are any, else NULL. */
struct row_sum *path_sums_find(const struct path_sums *sums, uint32_t path);

/*
 * Adds what counters_pack() made. Returns false: it makes no sense, or there is
 * no memory. Paths above `last` make no sense.
 */
bool path_sums_unpack(struct path_sums *sums, const void *data, size_t size,
		      uint32_t last);

/* Packs all that counted something. Returns false: no memory. */
bool path_sums_pack(struct path_sums *sums, struct counters_bytes *bytes);

/* Forgets the counters. */
void path_sums_clear(struct path_sums *sums);

void path_sums_free(struct path_sums *sums);

#endif
