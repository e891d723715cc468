/*
 * Any bytes as counters of the history: they are refused, or they are the same
 * when they have been packed again.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "counters_code.h"
#include "fuzz.h"

static void check_again(uint32_t gap, const struct row_sum *sum)
{
	struct counters_bytes bytes = { .data = NULL };
	const unsigned char *at;
	struct row_sum again;
	uint32_t gap_again;

	counters_pack(&bytes, gap, sum);
	must(!bytes.failed);
	at = bytes.data;
	must(counters_unpack(&at, bytes.data + bytes.size, &gap_again,
			     &again));
	must(at == bytes.data + bytes.size && gap_again == gap);
	must(again.count == sum->count && again.total_ns == sum->total_ns);
	must(memcmp(again.histogram, sum->histogram,
		    sizeof(again.histogram)) == 0);
	must(again.errors == sum->errors && again.untimed == sum->untimed);
	free(bytes.data);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const unsigned char *at = data, *end = data + size;
	struct row_sum sum;
	uint32_t gap;

	while (at < end) {
		const unsigned char *before = at;

		if (!counters_unpack(&at, end, &gap, &sum)) {
			break;
		}
		must(at > before && at <= end);
		check_again(gap, &sum);
	}
	return 0;
}
