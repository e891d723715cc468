/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "top_view.h"

static const struct top_view_row rows[TOP_VIEWS] = {
#define TOP_VIEW(NAME, word, key, kind, dimension, next, title) \
	[TOP_##NAME] = { word, key, kind, dimension, next, title },
#include "top_view_table.h"
};

const struct top_view_row *top_view_row(enum top_view view)
{
	return &rows[view];
}

enum top_view top_view_of(const char *word)
{
	unsigned v = 0;

	while (v < TOP_VIEWS && strcmp(rows[v].word, word) != 0) {
		v++;
	}
	return (enum top_view)v;
}
