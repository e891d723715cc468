/*
 * Showing a report in the view that the options ask for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SHOW_REPORT_H
#define SHOW_REPORT_H

#include "options.h"

/* Returns the exit code. */
int show_report(const struct options *options, const struct report *report);

#endif
