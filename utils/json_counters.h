/*
 * The counters of an op or a request in a JSON report.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef JSON_COUNTERS_H
#define JSON_COUNTERS_H

#include "json_cursor.h"
#include "table.h"

/*
 * Adds the counters in an object, which is at place p, to a group. Returns
 * false after json_wrong().
 */
bool json_counters(const struct json_cursor *r, const struct json_place *p,
		   json_t *object, struct group *g);

#endif
