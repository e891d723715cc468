/*
 * Metrics of what has begun and not ended.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef METRICS_IN_FLIGHT_H
#define METRICS_IN_FLIGHT_H

#include "in_flight.h"
#include "metrics_text.h"

/*
 * Gauges by request, also of those of which nothing is in flight, so that a
 * series never ends and a rule always has data. An op counts once, in however
 * many layers it is.
 */
void metrics_in_flight(const struct metrics_out *p,
		       const struct in_flight_list *list);

#endif
