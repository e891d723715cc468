/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <stdio.h>

#include "json_cursor.h"

static size_t place_text(const struct json_place *p, char *text, size_t size)
{
	size_t length = 0;

	if (p == NULL) {
		text[0] = '\0';
		return 0;
	}
	length = place_text(p->above, text, size);
	if (p->key != NULL) {
		length += (size_t)snprintf(text + length, size - length,
					   "%s%s", length != 0 ? "." : "",
					   p->key);
	} else {
		length += (size_t)snprintf(text + length, size - length,
					   "[%zu]", p->index);
	}
	return length < size ? length : size - 1;
}

bool json_wrong(const struct json_cursor *r, const struct json_place *above,
		const char *key, const char *what)
{
	const struct json_place p = { above, key, 0 };
	char text[256], object[32] = "";

	place_text(key != NULL ? &p : above, text, sizeof(text));
	if (r->object > 1) {
		snprintf(object, sizeof(object), "object %u: ", r->object);
	}
	error_set(r->error, "%.200s: %s%s%s%s", r->file, object, text,
		  text[0] != '\0' ? " " : "", what);
	return false;
}

bool json_add(const struct json_cursor *r, const struct json_place *above,
	      json_t *object, const char *key, uint64_t *value)
{
	const json_t *integer = json_object_get(object, key);

	if (!json_is_integer(integer) || json_integer_value(integer) < 0) {
		return json_wrong(r, above, key,
				  integer == NULL
					  ? "is missing"
					  : "is not a whole number of 0 or "
					    "more");
	}
	if (__builtin_add_overflow(*value,
				   (uint64_t)json_integer_value(integer),
				   value) || *value > INT64_MAX) {
		return json_wrong(r, above, key, "makes the sum too big");
	}
	return true;
}

bool json_add_if_there(const struct json_cursor *r,
		       const struct json_place *above, json_t *object,
		       const char *key, uint64_t *value)
{
	return json_object_get(object, key) == NULL ||
		json_add(r, above, object, key, value);
}

json_t *json_get(const struct json_cursor *r, const struct json_place *above,
		 json_t *object, const char *key, json_type type)
{
	json_t *value = json_object_get(object, key);

	if (value == NULL) {
		json_wrong(r, above, key, "is missing");
		return NULL;
	}
	if (json_typeof(value) != type) {
		json_wrong(r, above, key,
			   type == JSON_OBJECT ? "is not an object" :
			   type == JSON_ARRAY ? "is not an array" :
			   "is not a string");
		return NULL;
	}
	return value;
}
