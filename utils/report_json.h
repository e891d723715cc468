/*
 * A report, and parts of it, as JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef REPORT_JSON_H
#define REPORT_JSON_H

#include <jansson.h>

#include "report.h"

/* What --json prints of it. */
json_t *report_json_object(const struct report *report);

/*
 * An array of objects with the dimensions of the table as keys, then the
 * counters.
 */
json_t *report_json_table(const struct table *table, bool with_histogram);

#endif
