/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>

#include "account_look.h"
#include "asked_files.h"
#include "finding.h"

#define FILES_BY (BY(BY_USER) | BY(BY_CLIENT))

bool account_look_before(const char *directory, const struct filter *filter,
			 struct hot_files *files, struct latency_error *error)
{
	return hot_files_read(directory, filter, FILES_BY, false, files,
			      error);
}

/*
 * Is there enough to be told by files? Reading what all slots list takes a
 * third of the time of a report.
 */
static bool are_needed(const struct account *a)
{
	uint64_t doubtful = 0;
	unsigned i;

	for (i = 0; i < a->connections; i++) {
		if (a->connection[i].wanted) {
			doubtful += asked_doubtful(&a->connection[i].asked);
		}
	}
	return (double)doubtful >= FINDING_LEAST_SHARE * (double)a->requests;
}

static bool look_at_files(struct account *a, const char *directory,
			  const struct hot_files *before,
			  struct latency_error *error)
{
	bool since_reset = !a->report->interval;

	if (!hot_files_read(directory, &a->report->options.filter, FILES_BY,
			    since_reset, &a->files, error)) {
		return false;
	}
	if (!since_reset) {
		hot_files_subtract(&a->files, before);
	}
	if (!asked_files(a)) {
		errno = ENOMEM;
		error_set(error, "out of memory");
		return false;
	}
	return true;
}

bool account_look(struct account *a, const char *directory,
		  const struct hot_files *before, struct latency_error *error)
{
	return !are_needed(a) || look_at_files(a, directory, before, error);
}
