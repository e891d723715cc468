/*
 * What is wrong with an installation, and what to do: looks for it, changes
 * nothing, and prints nothing. The checks are in doctor_table.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DOCTOR_H
#define DOCTOR_H

#include <stdbool.h>

enum doctor_state {
	DOCTOR_FINE,			/* as it should be; no why, no action */
	DOCTOR_NOTE,			/* may be meant so */
	DOCTOR_WRONG,
};

struct doctor_finding {
	const char *check;		/* its name in the table */
	enum doctor_state state;
	char *what;			/* a sentence without full stop */
	const char *why;		/* it matters */
	char *action;			/* what to do, a command mostly */
};

struct doctor_findings {
	struct doctor_finding *finding;	/* in the order of the table */
	unsigned count;
	bool incomplete;		/* there was no memory */
};

/*
 * Makes all checks. configfile: NULL: Samba's own smb.conf; directory: of the
 * segments, NULL: as smb.conf says.
 */
void doctor_examine(const char *configfile, const char *directory,
		    struct doctor_findings *findings);

void doctor_findings_free(struct doctor_findings *findings);

#endif
