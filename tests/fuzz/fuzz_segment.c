/*
 * Any bytes as a segment: they are refused, or all that a report shows can be
 * made of them, in one view and width or another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>

#include "fuzz.h"
#include "report.h"
#include "views.h"

/* One view, chosen by the number. */
static void show(const struct report *report, uint64_t number, unsigned width)
{
	static void (*const views[])(const struct report *report, FILE *out,
				     unsigned width) = {
		report_text,
#define VIEW(NAME, name, letter, takes, help) report_##name,
#include "view_table.h"
	};
	static FILE *nowhere;

	if (nowhere == NULL) {
		nowhere = fopen("/dev/null", "w");
		must(nowhere != NULL);
	}
	views[number % (sizeof(views) / sizeof(views[0]))](report, nowhere,
							   width);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct report_options options = { .ops = true, .histograms = true };
	struct segment_image image;
	struct report *report;
	struct snapshot *s;

	if (!fuzz_image(data, size, &image)) {
		return 0;
	}
	fuzz_check_image(&image);
	options.by = image.header->pid & ((1u << DIMENSIONS) - 1);
	s = snapshot_of_nothing();
	must(s != NULL && snapshot_add_image(s, &image));
	report = report_make(&options, s, NULL);
	must(report != NULL);
	show(report, image.header->id / 2, 1 + image.header->pid % 300);
	report_free(report);
	snapshot_free(s);
	return 0;
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed)
{
	return mutate_segment(data, size, max_size, seed);
}
