/*
 * What a page lists: the latest slow operations, the files of most time.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PAGE_EVENTS_H
#define PAGE_EVENTS_H

#include <jansson.h>

#include "history_db.h"
#include "options.h"

/*
 * Adds "slow" and "files" to the data of a page: of living smbds, or of the
 * time that the options name, "files" only if any are recorded of that. They
 * return an exit code, after a message if it is not EXIT_OK.
 */
int page_events_now(const struct options *options, const char *directory,
		    json_t *data);
int page_events_past(const struct options *options, struct history_db *db,
		     json_t *data);

#endif
