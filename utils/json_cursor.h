/*
 * Reading a JSON text that somebody else may have written: each value is
 * checked, and what is wrong is said with its place.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef JSON_CURSOR_H
#define JSON_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "json_value.h"
#include "latency_error.h"

struct json_cursor {
	const char *file;
	unsigned object;	/* from 1 on; 0: the file has only one so far */
	struct latency_error *error;
};

/* A place in an object. */
struct json_place {
	const struct json_place *above;	/* NULL: the outermost object */
	const char *key;	/* NULL: in an array */
	size_t index;
};

/*
 * Says what is wrong at a place (NULL: in the whole), or with a key below it
 * (NULL: none). Returns false.
 */
bool json_wrong(const struct json_cursor *r, const struct json_place *above,
		const char *key, const char *what);

/* Adds an integer of an object to *value; missing is an error. */
bool json_add(const struct json_cursor *r, const struct json_place *above,
	      json_t *object, const char *key, uint64_t *value);

/* The same where a missing one means 0. */
bool json_add_if_there(const struct json_cursor *r,
		       const struct json_place *above, json_t *object,
		       const char *key, uint64_t *value);

/* The value of a key, of this type; NULL after saying that there is none. */
json_t *json_get(const struct json_cursor *r, const struct json_place *above,
		 json_t *object, const char *key, json_type type);

#endif
