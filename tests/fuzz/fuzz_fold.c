/*
 * Any bytes as a segment, or as the departed, that is added up with a good one:
 * what comes out can be read, and counts as much as both.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "fuzz.h"
#include "segment_merge.h"

/* More would overflow, as no process can. */
#define CALLS_MAX ((uint64_t)1 << 62)

static void merge(const struct segment_image *images, bool renamed,
		  uint64_t calls)
{
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_DEPARTED,
		.samba_version = "",
	};
	struct latency_error error;
	struct segment_writer *w = segment_create_private(&identity, &error);
	struct segment_image sum;

	must(w != NULL);
	if (segment_merge(w, images, 2, renamed, &error)) {
		segment_publish(w);
		must(fuzz_image(w->base, w->used * LATENCY_LINE, &sum));
		must(calls > CALLS_MAX || fuzz_check_image(&sum) == calls);
		segment_image_free(&sum);
	}
	segment_close(w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct segment_image images[2];
	static uint64_t good_calls;
	uint64_t calls;

	if (images[1].data == NULL) {
		size_t good_size;
		const uint8_t *good = fuzz_good(&good_size);

		must(fuzz_image(good, good_size, &images[1]));
		good_calls = fuzz_check_image(&images[1]);
	}
	if (!fuzz_image(data, size, &images[0])) {
		return 0;
	}
	calls = fuzz_check_image(&images[0]);
	if (calls <= CALLS_MAX) {
		calls += good_calls;
	}
	merge(images, (images[0].header->pid & 1) != 0, calls);
	segment_image_free(&images[0]);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed)
{
	return mutate_segment(data, size, max_size, seed);
}
