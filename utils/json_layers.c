/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "json_layers.h"

static bool add_layer_ops(const struct json_cursor *r,
			  const struct json_place *above, json_t *object,
			  struct layer_stack *stack, const char *layer)
{
	const struct json_place in = { above, "operations", 0 };
	json_t *ops = json_get(r, above, object, "operations", JSON_OBJECT);
	const char *name;
	json_t *counters;

	if (ops == NULL) {
		return false;
	}
	json_object_foreach(ops, name, counters) {
		const struct json_place p = { &in, name, 0 };
		struct layer_op *op = layer_stack_op(stack, layer, name);

		if (op == NULL) {
			return json_wrong(r, &p, NULL, "out of memory");
		}
		if (!json_add(r, &p, counters, "count", &op->count) ||
		    !json_add(r, &p, counters, "self_ns", &op->self_ns)) {
			return false;
		}
	}
	return true;
}

static bool add_layers(const struct json_cursor *r,
		       const struct json_place *above, json_t *object,
		       struct layer_stack *stack)
{
	const struct json_place in = { above, "layers", 0 };
	json_t *array = json_get(r, above, object, "layers", JSON_ARRAY);
	size_t i;

	if (array == NULL) {
		return false;
	}
	for (i = 0; i < json_array_size(array); i++) {
		const struct json_place p = { &in, NULL, i };
		json_t *layer = json_array_get(array, i);
		json_t *name = json_get(r, &p, layer, "layer", JSON_STRING);

		if (name == NULL ||
		    !add_layer_ops(r, &p, layer, stack,
				   json_text_value(name))) {
			return false;
		}
	}
	return true;
}

/* The names in an array of a stack, each passed to `take`. */
static bool each_name(const struct json_cursor *r,
		      const struct json_place *above, json_t *object,
		      const char *key,
		      bool (*take)(void *private_data, const char *name),
		      void *private_data)
{
	const struct json_place in = { above, key, 0 };
	json_t *array = json_get(r, above, object, key, JSON_ARRAY);
	size_t i;

	if (array == NULL) {
		return false;
	}
	for (i = 0; i < json_array_size(array); i++) {
		const struct json_place p = { &in, NULL, i };
		const char *name = json_text_value(json_array_get(array, i));

		if (name == NULL || !take(private_data, name)) {
			return json_wrong(r, &p, NULL, name == NULL ?
					  "is not a string" : "is too much");
		}
	}
	return true;
}

static bool take_module(void *private_data, const char *name)
{
	char *objects = private_data;
	size_t length = strlen(objects);

	if (length + strlen(name) + 1 > LAYER_OBJECTS) {
		return false;
	}
	strcpy(objects + length, name);
	length = strlen(objects);
	/* The last name of objects that were cut has none behind it. */
	if (length + 2 <= LAYER_OBJECTS) {
		strcpy(objects + length, "/");
	}
	return true;
}

static bool take_share(void *private_data, const char *name)
{
	return layer_stack_share(private_data, name);
}

bool json_layers(const struct json_cursor *r, json_t *report,
		 struct layer_costs *costs)
{
	const struct json_place in = { NULL, "between_layers", 0 };
	json_t *array = json_object_get(report, "between_layers");
	size_t i;

	for (i = 0; i < json_array_size(array); i++) {
		const struct json_place p = { &in, NULL, i };
		json_t *object = json_array_get(array, i);
		char objects[LAYER_OBJECTS] = "";
		struct layer_stack *stack;

		if (!each_name(r, &p, object, "modules", take_module,
			       objects)) {
			return false;
		}
		stack = layer_costs_stack(costs, objects);
		if (stack == NULL) {
			return json_wrong(r, &p, NULL, "out of memory");
		}
		if (!each_name(r, &p, object, "shares", take_share, stack) ||
		    !add_layers(r, &p, object, stack)) {
			return false;
		}
	}
	return true;
}
