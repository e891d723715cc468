/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "baseline.h"
#include "held_dir.h"
#include "since_reset.h"

struct snapshot *since_reset_visit(const char *directory,
				   snapshot_visitor visitor,
				   void *private_data,
				   struct snapshot **baseline,
				   struct latency_error *error)
{
	struct snapshot *s;
	struct held_dir held;

	*baseline = NULL;
	if (!held_dir_open(&held, directory, error)) {
		return NULL;
	}
	/* Nobody may fold or reset before the baseline has been read, too. */
	s = snapshot_read(&held, 0, visitor, private_data, error);
	if (s != NULL && !baseline_read(&held, s, baseline, error)) {
		snapshot_free(s);
		s = NULL;
	}
	held_dir_close(&held);
	return s;
}
