/*
 * What of the requests were for the same file again and again, and what for
 * streams of files: as far as the lists of files tell.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ASKED_FILES_H
#define ASKED_FILES_H

#include "account.h"

/* Tells the connections of a finished account what they could have spared. */
void asked_files(struct account *account);

/* The file that was asked for again and again, by which client; or NULL. */
const struct hot_file *asked_most_repeated(const struct account *account);

#endif
