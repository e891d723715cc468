/*
 * What the doctor has found.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DOCTOR_FINDING_H
#define DOCTOR_FINDING_H

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

void doctor_findings_free(struct doctor_findings *findings);

#endif
