/*
 * The causes: each is a function that looks for it in an account.
 *
 * It returns false if it is not there; else it fills in saved_ns, calls,
 * confidence, evidence and command of the finding. What is saved must be of the
 * clients' time, and no two causes may claim the same.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef CAUSE_H
#define CAUSE_H

#include "account.h"
#include "finding.h"

#define CAUSE(name, title, means, advice, condition) \
	bool cause_##name(const struct account *account, struct finding *f);
#include "cause_table.h"

/* What a request computes, neither signed nor encrypted: well over, in ns. */
#define CAUSE_REQUEST_NS 150000.0

/*
 * What smbd computes outside the VFS to find names in large directories, in ns
 * of the clients' time: no other cause may claim it.
 */
double name_search_smb_ns(const struct account *account);

#endif
