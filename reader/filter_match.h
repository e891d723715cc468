/*
 * Does a filter match anything, and what could it have matched?
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FILTER_MATCH_H
#define FILTER_MATCH_H

#include <stdbool.h>

#include "filter.h"

#define MATCH_NAMES 5		/* as many as fit in a message */

/* The first names there are of a dimension, and how often the filter's is. */
struct filter_names {
	char *name[MATCH_NAMES];
	unsigned count;
	bool more;
	bool matched;
};

/* Zero in the beginning. */
struct filter_match {
	bool any;			/* slot that the filter wants */
	bool others;			/* one that may have some of it */
	struct filter_names share, user, client;
};

/* Adds the slots of an image. */
void filter_match_add(struct filter_match *m, const struct filter *filter,
		      const struct segment_image *image);

/* Does the filter want some share, user or client only, and found none? */
bool filter_match_failed(const struct filter_match *m,
			 const struct filter *filter);

void filter_match_free(struct filter_match *m);

#endif
