/*
 * Files and their figures as JSON.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HOT_FILES_JSON_H
#define HOT_FILES_JSON_H

#include "hot_files.h"
#include "json_value.h"

/* What `files --json` prints, of so many at most. */
json_t *hot_files_json(const struct hot_files *files, unsigned count);

#endif
