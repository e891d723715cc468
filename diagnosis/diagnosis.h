/*
 * The diagnosis: where the time of clients goes, why, and what to do. It is
 * made from an account by cause_table.h; it prints nothing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef DIAGNOSIS_H
#define DIAGNOSIS_H

#include "account.h"
#include "finding.h"

enum cause_number {
#define CAUSE(name, title, means, advice, condition) CAUSE_##name,
#include "cause_table.h"
	CAUSES,
};

enum diagnosis_state {
	DIAGNOSIS_UNTRUSTED,		/* what was counted is not all */
	DIAGNOSIS_NOT_ENOUGH,
	DIAGNOSIS_IDLE,
	DIAGNOSIS_HEALTHY,
	DIAGNOSIS_FOUND,		/* the first finding is the main one */
};

struct diagnosis {
	enum diagnosis_state state;
	char verdict[512];		/* a sentence or two */
	/* Figures that the verdict has beside those of the findings. */
	struct finding general;
	struct finding finding[CAUSES];	/* what costs most first */
	unsigned findings;
	unsigned main;			/* so many of them are worth a change */
};

void diagnose(const struct account *account, struct diagnosis *diagnosis);

/* "found", "healthy", ... */
const char *diagnosis_state_name(enum diagnosis_state state);

/* The row of a cause. */
const struct cause *diagnosis_cause(enum cause_number number);

#endif
