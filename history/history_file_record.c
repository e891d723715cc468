/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <string.h>

#include "history_file_record.h"
#include "history_file_store.h"
#include "hot_files.h"
#include "time_ns.h"

/* Of a history that sums up nothing. */
#define STEP_NS ((uint64_t)300 * NS_PER_S)

void history_file_record_begin(struct history_file_recorder *r,
			       const struct history_keep *keep)
{
	memset(r, 0, sizeof(*r));
	r->step_ns = keep->count > 1 ? keep->level[1].step_ns : STEP_NS;
	r->keep_ns = keep->level[keep->count > 1].keep_ns;
}

static bool look(const char *directory, struct hot_files *files,
		 struct latency_error *error)
{
	const struct filter all = { .pid = 0 };

	if (hot_files_read(directory, &all, BY(BY_USER) | BY(BY_CLIENT), false,
			   files, error)) {
		return true;
	}
	/* No smbd was measured yet. */
	memset(files, 0, sizeof(*files));
	return errno == ENOENT;
}

/* Stores what came since the last time. */
static bool store(struct history_file_recorder *r, struct history_db *db,
		  const struct hot_files *now, uint64_t now_ns,
		  struct latency_error *error)
{
	struct hot_files since;
	bool ok;

	if (!hot_files_copy(now, &since)) {
		error_set(error, "out of memory");
		return false;
	}
	hot_files_subtract(&since, &r->last);
	/* When the clock was set back a step has no length. */
	ok = history_files_store(db, r->last_ns < now_ns ? r->last_ns : now_ns,
				 now_ns, &since, now_ns > r->keep_ns ?
				 now_ns - r->keep_ns : 0, error);
	hot_files_free(&since);
	return ok;
}

bool history_file_record(struct history_file_recorder *r,
			 struct history_db *db, const char *directory,
			 bool ends, struct latency_error *error)
{
	uint64_t now_ns = clock_read_ns(CLOCK_REALTIME);
	struct hot_files now;

	if (r->last_ns != 0 && !ends &&
	    now_ns / r->step_ns == r->last_ns / r->step_ns) {
		return true;
	}
	if (!look(directory, &now, error)) {
		return false;
	}
	if (r->last_ns != 0 && !store(r, db, &now, now_ns, error)) {
		hot_files_free(&now);
		return false;
	}
	hot_files_free(&r->last);
	r->last = now;
	r->last_ns = now_ns;
	return true;
}

void history_file_record_end(struct history_file_recorder *r)
{
	hot_files_free(&r->last);
}
