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

/* A string that may not be valid UTF-8: byte by byte as Latin-1 then. */
json_t *json_text(const char *string);

/* Sets an integer of an object. */
void json_set(json_t *object, const char *key, uint64_t value);

/* Prints the object on one line and frees it. False: out of memory. */
bool json_print(json_t *object, FILE *out);

#endif
