/*
 * What a page shows over time: one report after the other, in few bytes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PAGE_STEPS_H
#define PAGE_STEPS_H

#include <jansson.h>

#include "report.h"

/* Of no time yet: "steps" of the data, see web/README.md. */
json_t *page_steps_new(void);

/*
 * Adds the time between two moments (CLOCK_REALTIME) in which a report, with
 * its ops, counted for running_ns of CLOCK_MONOTONIC.
 */
void page_steps_add(json_t *steps, const struct report *report,
		    uint64_t begin_ns, uint64_t end_ns, uint64_t running_ns);

#endif
