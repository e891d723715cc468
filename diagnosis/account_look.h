/*
 * A closer look at the clients of an account: which files they asked for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ACCOUNT_LOOK_H
#define ACCOUNT_LOOK_H

#include "account.h"

/* As they are to be read at the beginning of an interval. */
bool account_look_before(const char *directory, const struct filter *filter,
			 struct hot_files *files, struct latency_error *error);

/*
 * Adds it to a finished account. before: as of account_look_before(), if the
 * account is of an interval. Returns false with *error and errno.
 */
bool account_look(struct account *account, const char *directory,
		  const struct hot_files *before, struct latency_error *error);

#endif
