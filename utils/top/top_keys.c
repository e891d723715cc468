/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

#include "top_keys.h"

static const struct {
	int key, other;
	const char *called, *help;
} keys[TOP_DO_NOTHING] = {
#define TOP_KEY(NAME, key, other, called, help) \
	[TOP_DO_##NAME] = { key, other, called, help },
#include "top_key_table.h"
};

enum top_do top_key_does(int key)
{
	unsigned i = 0;

	while (i < TOP_DO_NOTHING && keys[i].key != key &&
	       (keys[i].other == 0 || keys[i].other != key)) {
		i++;
	}
	return (enum top_do)i;
}

enum top_view top_key_view(int key)
{
	unsigned v = 0;

	while (v < TOP_VIEWS && top_view_row((enum top_view)v)->key != key) {
		v++;
	}
	return (enum top_view)v;
}

static const char *line(char text[80], const char *called, const char *help)
{
	snprintf(text, 80, "%-11s%s", called, help);
	return text;
}

const char *top_key_help(unsigned n, char text[80])
{
	unsigned i;

	for (i = 0; i < TOP_DO_NOTHING; i++) {
		if (keys[i].called[0] != '\0' && n-- == 0) {
			return line(text, keys[i].called, keys[i].help);
		}
	}
	if (n-- == 0) {
		return line(text, "1 to 9", "sort by this column");
	}
	if (n < TOP_VIEWS) {
		const struct top_view_row *view =
			top_view_row((enum top_view)n);
		const char called[2] = { (char)view->key, '\0' };

		return line(text, called, view->title);
	}
	return NULL;
}
