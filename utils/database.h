/*
 * The history, for commands that read it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DATABASE_H
#define DATABASE_H

#include "history_db.h"
#include "options.h"

/*
 * Opens it. Returns false after a message: there is none, it is no history, or
 * we may not read it.
 */
bool database_open(const struct options *options, struct history_db *db);

/*
 * Does one of --from and --to come with --database, and none of the options of
 * `now`, which are about the present? Returns EXIT_OK, or EXIT_USAGE after a
 * message.
 */
int past_check(const struct options *options, uint64_t now);

/*
 * Says that nothing is recorded of the time that the options name, and what is.
 * Returns EXIT_FAILED.
 */
int database_has_not(const struct options *options, struct history_db *db);

#define TIME_SHOWN 32

/* A time of day as people read it, local: 2026-11-30 14:00:00. */
const char *time_show(uint64_t realtime_ns, char text[TIME_SHOWN]);

#endif
