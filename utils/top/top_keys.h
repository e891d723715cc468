/*
 * The keys of top, and what they do: see top_key_table.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_KEYS_H
#define TOP_KEYS_H

#include "top_view.h"

/* Keys that are no character of their own; Unicode ends below them. */
enum {
	TOP_KEY_NONE = 0x200000,
	TOP_KEY_UP,
	TOP_KEY_DOWN,
	TOP_KEY_LEFT,
	TOP_KEY_RIGHT,
	TOP_KEY_PAGE_UP,
	TOP_KEY_PAGE_DOWN,
	TOP_KEY_HOME,
	TOP_KEY_END,
	TOP_KEY_ENTER,
	TOP_KEY_ESCAPE,
	TOP_KEY_BACKSPACE,
	TOP_KEY_TAB,
	TOP_KEY_BACK_TAB,
};

enum top_do {
#define TOP_KEY(NAME, key, other, called, help) TOP_DO_##NAME,
#include "top_key_table.h"
	TOP_DO_NOTHING,
};

/* What a key is for. */
enum top_do top_key_does(int key);

/* The list that a key shows; TOP_VIEWS: it is none of those. */
enum top_view top_key_view(int key);

/* Line number n of the help, from 0 on; NULL behind the last. */
const char *top_key_help(unsigned n, char text[80]);

#endif
