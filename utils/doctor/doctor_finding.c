/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "doctor_finding.h"

void doctor_findings_free(struct doctor_findings *findings)
{
	unsigned i;

	for (i = 0; i < findings->count; i++) {
		free(findings->finding[i].what);
		free(findings->finding[i].action);
	}
	free(findings->finding);
	memset(findings, 0, sizeof(*findings));
}
