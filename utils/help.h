/*
 * The help text, in the form of tsmbd's: "-s    # show ...".
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HELP_H
#define HELP_H

void help_print(void);

#endif
