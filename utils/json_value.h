/*
 * What the JSON of several commands has in common.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef JSON_VALUE_H
#define JSON_VALUE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* CLOCK_REALTIME in ns as a string: RFC 3339, UTC, with milliseconds. */
json_t *json_timestamp(uint64_t realtime_ns);

/* The reverse. Returns false if it is no such time. */
bool json_timestamp_value(const char *text, uint64_t *realtime_ns);

/*
 * A name that may hold any byte: as it is if it is valid UTF-8 and does not
 * look escaped, else escaped, see escape.h.
 */
json_t *json_text(const char *name);

/*
 * The reverse, which also puts the name into the value; NULL if that is no
 * string, or there is no memory. To be called once for a value.
 */
const char *json_text_value(json_t *value);

/* Sets an integer of an object. */
void json_set(json_t *object, const char *key, uint64_t value);

/* Prints the object on one line and frees it. False: out of memory. */
bool json_print(json_t *object, FILE *out);

#endif
