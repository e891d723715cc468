/*
 * Files and their figures for people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HOT_FILES_TEXT_H
#define HOT_FILES_TEXT_H

#include "hot_files.h"
#include "options.h"

/* How many of the files the options want to be shown. */
unsigned hot_files_shown(const struct options *options,
			 const struct hot_files *files);

/* A table of them, as wide as the terminal, and what is not in it. */
void hot_files_text(const struct options *options,
		    const struct hot_files *files);

#endif
