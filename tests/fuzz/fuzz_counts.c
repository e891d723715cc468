/*
 * Any bytes as the counters of the keys of one interval, with the checksum
 * that they need: they are refused, or added up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "counts_code.h"
#include "fuzz.h"

#define LAST 500u		/* path */

static uint32_t checksum(const uint8_t *data, size_t size)
{
	uint32_t hash = 2166136261u;
	size_t i;

	for (i = 0; i < size; i++) {
		hash = (hash ^ data[i]) * 16777619u;
	}
	return hash;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct counts_sums *sums = calloc(1, sizeof(*sums));
	uint8_t *bytes = malloc(size + 5);
	uint32_t sum, i;

	must(sums != NULL && bytes != NULL);
	if (size != 0) {
		memcpy(bytes + 5, data, size);
	}
	bytes[4] = COUNTS_VERSION;
	sum = checksum(bytes + 4, size + 1);
	for (i = 0; i < 4; i++) {
		bytes[i] = (uint8_t)(sum >> 8 * i);
	}
	counts_unpack(sums, bytes, size + 5, LAST);
	for (i = 0; i < COUNTS_KEYS; i++) {
		path_sums_free(&sums->sums[i]);
	}
	free(bytes);
	free(sums);
	return 0;
}
