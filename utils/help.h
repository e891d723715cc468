/*
 * The help text, in the form of tsmbd's: "-s    # show ...".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HELP_H
#define HELP_H

#include <popt.h>

/* Prints the commands, then the options: a table of tables with titles. */
void help_print(const struct poptOption *groups);

#endif
