/*
 * The text of metrics: families, labels, values.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef METRICS_TEXT_H
#define METRICS_TEXT_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

enum metrics_format {
	METRICS_PROMETHEUS,	/* text format 0.0.4 */
	METRICS_OPENMETRICS,	/* OpenMetrics 1.0.0 */
};

/* Where and how to print. */
struct metrics_out {
	FILE *out;
	enum metrics_format format;
	unsigned resolution;		/* see metrics_resolution() */
};

/*
 * The head of a metric family. Counters are named without _total here; unit
 * is the last part of the name, or NULL.
 */
void metrics_family(const struct metrics_out *p, const char *name,
		    const char *type, const char *unit, const char *help);

/* A label's value: as in JSON, quoted in the way of this format. */
void metrics_label(const struct metrics_out *p, const char *name,
		   const char *value, bool first);

void metrics_seconds(const struct metrics_out *p, uint64_t ns);

/* A family without labels, of one value. */
void metrics_single(const struct metrics_out *p, const char *name,
		    const char *type, uint64_t value, const char *help);

#endif
