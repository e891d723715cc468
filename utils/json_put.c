/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "json_put.h"
#include "json_value.h"

/* Does JSON have the text as it is? */
static bool is_plain(const char *text)
{
	const char *c;

	for (c = text; *c != '\0'; c++) {
		if (*c < ' ' || *c > '~' || *c == '"' || *c == '\\') {
			return false;
		}
	}
	return true;
}

void json_put_text(const char *text)
{
	json_t *value;
	char *dumped;

	if (is_plain(text)) {
		printf("\"%s\"", text);
		return;
	}
	value = json_text(text);
	dumped = json_dumps(value, JSON_ENCODE_ANY);
	fputs(dumped != NULL ? dumped : "null", stdout);
	free(dumped);
	json_decref(value);
}

void json_put_name(const char *key, const char *name)
{
	printf(",\"%s\":", key);
	if (name[0] == '\0') {
		fputs("null", stdout);
	} else {
		json_put_text(name);
	}
}

void json_put_number(const char *key, uint64_t value)
{
	/* More is garbage, and no integer to many programs. */
	printf(",\"%s\":%lld", key, value > INT64_MAX ?
	       (long long)INT64_MAX : (long long)value);
}
