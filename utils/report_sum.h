/*
 * The sum of several reports.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REPORT_SUM_H
#define REPORT_SUM_H

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

/* After the last one: sorts, computes what is not a sum. */
void report_sum_finish(struct report_sum *sum);

void report_sum_free(struct report_sum *sum);

#endif
