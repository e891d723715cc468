/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "escape.h"
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

json_t *json_text(const char *name)
{
	json_t *value = NULL;
	const char *c;
	char *escaped;

	for (c = strchr(name, '\\'); c != NULL && !is_escape(c);
	     c = strchr(c + 1, '\\')) {
		;
	}
	if (c == NULL) {
		value = json_string(name);
	}
	if (value == NULL) {
		escaped = escape_text(name);
		value = json_string(escaped != NULL ? escaped : "");
		free(escaped);
	}
	return value;
}

const char *json_text_value(json_t *value)
{
	char *text = json_is_string(value) ?
		strdup(json_string_value(value)) : NULL;

	if (text == NULL) {
		return NULL;
	}
	unescape_text(text);
	json_string_set_nocheck(value, text);
	free(text);
	return json_string_value(value);
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
