/*
 * Two reports that must say the same.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef SAME_REPORT_H
#define SAME_REPORT_H

#include "report.h"

/*
 * Fails where any number or name differs. Only errors that were counted in
 * neither may be listed in one.
 */
void check_same_report(const struct report *a, const struct report *b);

#endif
