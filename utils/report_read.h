/*
 * Reading what report_json.c writes, to add it up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REPORT_READ_H
#define REPORT_READ_H

#include "latency_error.h"
#include "report.h"

/* The sum of the reports that were read. */
struct report_sum {
	struct report report;		/* .by_...: NULL if no report has it */
	unsigned count;			/* of reports */
	struct snapshot snapshot;	/* report.snapshot: the problems */
	uint64_t latest_ns;		/* until when the latest one counts */
};

/* A sum of nothing; false: no memory. report_sum_free() frees it. */
bool report_sum_init(struct report_sum *sum,
		     const struct report_options *options);

/*
 * Adds all reports in this file: one JSON object after the other. Returns
 * false with *error, which names the file and the place; the sum is of no use
 * then.
 */
bool report_sum_add(struct report_sum *sum, const char *file,
		    struct latency_error *error);

/* After the last one: sorts, computes what is not a sum. */
void report_sum_finish(struct report_sum *sum);

void report_sum_free(struct report_sum *sum);

#endif
