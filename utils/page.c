/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "page.h"

/*
 * JSON has "<" in strings only. Without one, no name in it can end the script
 * element that it is in, or begin a comment there.
 */
static int put(const char *text, size_t length, void *private_data)
{
	FILE *out = private_data;
	size_t i;

	for (i = 0; i < length; i++) {
		if (text[i] == '<') {
			fputs("\\u003c", out);
		} else {
			putc_unlocked(text[i], out);
		}
	}
	return 0;
}

bool page_print(const json_t *data, FILE *out)
{
	fputs(page_before, out);
	if (json_dump_callback(data, put, out, JSON_COMPACT) != 0) {
		return false;
	}
	fputs(page_behind, out);
	return true;
}
