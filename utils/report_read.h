/*
 * Reading what report_json.c writes, to add it up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REPORT_READ_H
#define REPORT_READ_H

#include "latency_error.h"
#include "report_sum.h"

/*
 * Adds all reports in this file: one JSON object after the other. Returns
 * false with *error, which names the file and the place; the sum is of no use
 * then.
 */
bool report_sum_add(struct report_sum *sum, const char *file,
		    struct latency_error *error);

#endif
