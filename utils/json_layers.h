/*
 * What a JSON report says of the time between layers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef JSON_LAYERS_H
#define JSON_LAYERS_H

#include "json_cursor.h"
#include "layer_cost.h"

/*
 * Adds "between_layers" of a report; reports of earlier versions have none.
 * Returns false after json_wrong().
 */
bool json_layers(const struct json_cursor *r, json_t *report,
		 struct layer_costs *costs);

#endif
