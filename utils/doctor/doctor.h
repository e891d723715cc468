/*
 * What is wrong with an installation, and what to do: looks for it, changes
 * nothing, and prints nothing. The checks are in doctor_table.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DOCTOR_H
#define DOCTOR_H

#include "doctor_finding.h"

/*
 * Makes all checks. configfile: NULL: Samba's own smb.conf; directory: of the
 * segments, NULL: as smb.conf says.
 */
void doctor_examine(const char *configfile, const char *directory,
		    struct doctor_findings *findings);

#endif
