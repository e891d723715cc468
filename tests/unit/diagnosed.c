/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "asked_files.h"
#include "diagnosed.h"

struct made make(const struct test_dir *td, uint32_t pid)
{
	struct made m = { .w = segment_make(td, pid, pid) };

	m.slot = slot_for(m.w, "share", "alice", "192.0.2.7");
	m.w->header->time.mark_ns = 1;
	m.w->header->time.phase = LATENCY_PHASE_WORKING;
	return m;
}

void read_slowly(struct made *m, unsigned calls, uint64_t ns)
{
	unsigned i;

	for (i = 0; i < calls; i++) {
		node_record(m->w, node_of(m->slot, READ, PREAD), ns, 0, 0);
		node_record(m->w, node_of(m->slot, READ, -1), ns, 0, 0);
	}
	m->w->header->time.vfs_ns += calls * ns;
}

void look(const struct test_dir *td, struct account *a, struct diagnosis *d)
{
	static const struct filter all = { .pid = 0 };
	struct snapshot *s = snapshot_as_is(td);
	struct latency_error error;
	unsigned i;

	/* Nothing of a process that ends passes meanwhile. */
	assert_true(account_init(a, &all));
	for (i = 0; i < s->image_count; i++) {
		s->images[i].owned = false;
		assert_true(account_add(a, &s->images[i]));
	}
	assert_true(account_finish(a, s, NULL));
	/* In a second, so that what is often is often. */
	a->report->running_for_ns = 1000000000;
	assert_true(hot_files_read(td->path, &all, BY(BY_USER) | BY(BY_CLIENT),
				   false, &a->files, &error));
	assert_true(asked_files(a));
	diagnose(a, d);
	a->report->snapshot = NULL;
	snapshot_free(s);
}

void assert_first(const struct diagnosis *d, const char *cause)
{
	assert_int_equal(d->state, DIAGNOSIS_FOUND);
	assert_true(d->main >= 1);
	assert_string_equal(d->finding[0].cause->name, cause);
}

const struct finding *finding_of(const struct diagnosis *d, const char *cause)
{
	unsigned i;

	for (i = 0; i < d->findings; i++) {
		if (strcmp(d->finding[i].cause->name, cause) == 0) {
			return &d->finding[i];
		}
	}
	return NULL;
}
