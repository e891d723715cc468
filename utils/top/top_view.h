/*
 * What top can list: see top_view_table.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_VIEW_H
#define TOP_VIEW_H

#include "dimension.h"

enum top_view {
#define TOP_VIEW(NAME, word, key, kind, dimension, next, title) TOP_##NAME,
#include "top_view_table.h"
	TOP_VIEWS,
};

/* Where the rows come from; each kind has columns of its own. */
enum top_kind {
	TOP_GROUPS,			/* of a table */
	TOP_FILES,			/* of hot_files */
	TOP_FLIGHTS,			/* of what is under way */
	TOP_KINDS,
};

struct top_view_row {
	const char *word;
	int key;
	enum top_kind kind;
	enum dimension dimension;
	enum top_view next;
	const char *title;
};

const struct top_view_row *top_view_row(enum top_view view);

/* The view of this word; TOP_VIEWS if there is none. */
enum top_view top_view_of(const char *word);

#endif
