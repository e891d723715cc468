/*
 * The page of `html`: one file with all it needs, around its data.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PAGE_H
#define PAGE_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

/*
 * What comes before and behind the data: made of web/ and its libraries by
 * script/make-page. "" where there were no libraries.
 */
extern const char page_before[], page_behind[];

/* Prints it. Returns false if there is no memory. */
bool page_print(const json_t *data, FILE *out);

#endif
