/*
 * Where the segments are, and why there may be none.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DIRECTORY_H
#define DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>

#include "options.h"

/*
 * The segment directory: the one given, else what the smb.conf says according
 * to testparm: latency:directory, or "latency" in the lock directory. Returns
 * false after a message to stderr: testparm cannot be asked.
 */
bool directory_find(const struct options *options, char *path, size_t size);

/* Prints to stderr why there is nothing to report from it; see why_empty.h. */
void directory_explain_empty(const char *path, const struct options *options);

/*
 * What a reading of it that has failed, with errno and *error, has to say: the
 * same if there is no such directory. Returns EXIT_FAILED.
 */
int directory_failed(const char *path, const struct options *options,
		     const struct latency_error *error);

#endif
