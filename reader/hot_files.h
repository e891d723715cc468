/*
 * Which files the requests were for: what the slots list (latency_files), added
 * up over all processes, the departed included.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HOT_FILES_H
#define HOT_FILES_H

#include "filter.h"
#include "hot_file_set.h"

/*
 * Reads all of a directory that the filter wants, after the dead are folded;
 * since_reset: less what there was at the last reset. Returns false with *error
 * and errno; then nothing is to be freed.
 */
bool hot_files_read(const char *directory, const struct filter *filter,
		    unsigned by, bool since_reset, struct hot_files *files,
		    struct latency_error *error);

/*
 * Leaves what has come since an earlier reading of the same, as far as it is
 * known: a file that was not listed all the time may miss more.
 */
void hot_files_subtract(struct hot_files *files,
			const struct hot_files *earlier);

/*
 * Makes files their directories, of at most `depth` names; 0: all of them.
 * Files below the root of a share are of ".". Returns false: no memory.
 */
bool hot_files_to_dirs(struct hot_files *files, unsigned depth);

/* The largest first. */
void hot_files_sort(struct hot_files *files, enum hot_figure by);

#endif
