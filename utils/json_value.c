/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>
#include <time.h>

#include "json_value.h"

json_t *json_timestamp(uint64_t realtime_ns)
{
	time_t seconds = (time_t)(realtime_ns / 1000000000u);
	struct tm tm;
	char text[64];
	size_t length;

	gmtime_r(&seconds, &tm);
	length = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + length, sizeof(text) - length, ".%03uZ",
		 (unsigned)(realtime_ns / 1000000 % 1000));
	return json_string(text);
}

bool json_timestamp_value(const char *text, uint64_t *realtime_ns)
{
	struct tm tm;
	unsigned ms;
	int end = 0;
	char *rest;

	memset(&tm, 0, sizeof(tm));
	rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	if (rest == NULL || sscanf(rest, ".%3uZ%n", &ms, &end) != 1 ||
	    end != 5 || rest[end] != '\0') {
		return false;
	}
	*realtime_ns = (uint64_t)timegm(&tm) * 1000000000u +
		(uint64_t)ms * 1000000u;
	return true;
}

json_t *json_text(const char *string)
{
	json_t *value = json_string(string);
	char latin1[1024];
	size_t to = 0;

	if (value != NULL) {
		return value;
	}
	for (; *string != '\0' && to + 2 < sizeof(latin1); string++) {
		unsigned char c = (unsigned char)*string;

		if (c < 0x80) {
			latin1[to++] = (char)c;
		} else {
			latin1[to++] = (char)(0xc0 | c >> 6);
			latin1[to++] = (char)(0x80 | (c & 0x3f));
		}
	}
	return json_stringn(latin1, to);
}

void json_set(json_t *object, const char *key, uint64_t value)
{
	json_object_set_new(object, key, json_integer((json_int_t)value));
}

bool json_print(json_t *object, FILE *out)
{
	int ret = json_dumpf(object, out, JSON_COMPACT);

	json_decref(object);
	fputc('\n', out);
	return ret == 0;
}
