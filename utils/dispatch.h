/*
 * From the words of the command line to the command.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DISPATCH_H
#define DISPATCH_H

#include "options.h"

/*
 * Runs the command that these words are, NULL at the end. Returns the exit code
 * of the program.
 */
int dispatch(struct options *options, const char *const *words);

#endif
