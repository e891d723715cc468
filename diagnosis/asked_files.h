/*
 * What of the requests were for the same file again and again, and what for
 * streams of files: as far as the lists of files tell.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ASKED_FILES_H
#define ASKED_FILES_H

#include "account.h"

/*
 * Tells the connections of a finished account what they could have spared.
 * Returns false: no memory.
 */
bool asked_files(struct account *account);

#endif
