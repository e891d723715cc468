/*
 * A page on a time that is past.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PAGE_PAST_H
#define PAGE_PAST_H

#include "history_span.h"
#include "options.h"
#include "page_source.h"

/*
 * Adds what the history says of the time that the options name to a source,
 * finishes it, and makes what else such a page has: "steps", "slow", "files".
 * The span is to be freed last. Returns an exit code, after a message if it is
 * not EXIT_OK.
 */
int page_past(const struct options *options, struct page_source *source,
	      struct history_span *span, json_t **more);

#endif
