/*
 * What a page is made of: a report with its diagnosis, and who had the
 * requests.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PAGE_SOURCE_H
#define PAGE_SOURCE_H

#include <jansson.h>

#include "account.h"

#define PAGE_BY 3			/* share, user, client */

struct page_source {
	struct account account;		/* with the report on all */
	struct report *by[PAGE_BY];
};

/*
 * As a report: images are added one by one, and page_source_finish() is called
 * when all of a snapshot have been. They return false if there is no memory;
 * page_source_free() is to be called in any case.
 */
bool page_source_init(struct page_source *source, const struct filter *filter);
bool page_source_add(struct page_source *source,
		     const struct segment_image *image);
bool page_source_finish(struct page_source *source,
			const struct snapshot *snapshot,
			struct snapshot *earlier);
void page_source_free(struct page_source *source);

/*
 * The data of the page, as web/README.md describes it, with what is under way
 * in the account. NULL if there is no memory.
 */
json_t *page_source_json(const struct page_source *source);

#endif
