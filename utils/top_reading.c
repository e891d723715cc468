/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <string.h>

#include "since_reset.h"
#include "snapshot_relate.h"
#include "table_add.h"
#include "time_ns.h"
#include "top_reading.h"

bool top_reading_take(struct top_reading *r, struct latency_error *error)
{
	struct snapshot *baseline = NULL;
	struct snapshot *s = since_reset_visit(r->directory, NULL, NULL,
					       &baseline, error);

	if (s == NULL && errno == ENOENT) {
		/* The first client makes the directory. */
		s = snapshot_of_nothing();
	}
	if (s == NULL) {
		return false;
	}
	snapshot_free(r->before);
	snapshot_free(r->baseline);
	r->before = r->last;
	r->baseline = baseline;
	r->last = s;
	return true;
}

uint64_t top_reading_interval_ns(const struct top_reading *r)
{
	return r->before == NULL ? 0 :
		r->last->taken_monotonic_ns - r->before->taken_monotonic_ns;
}

static bool add_all(struct table *table, const struct snapshot *s,
		    const struct filter *filter)
{
	unsigned i;

	for (i = 0; i < s->image_count; i++) {
		if (!table_add(table, &s->images[i], filter)) {
			return false;
		}
	}
	return true;
}

/* Takes away what there was in an earlier snapshot. */
static bool subtract(struct table *table, struct snapshot *earlier,
		     const struct snapshot *later, const struct filter *filter)
{
	struct table *before = table_new(table_source(table), table_by(table));
	bool ok = before != NULL && snapshot_relate(earlier, later) &&
		add_all(before, earlier, filter);

	if (ok) {
		table_subtract(table, before);
	}
	table_free(before);
	return ok;
}

struct table *top_reading_table(const struct top_reading *r, bool total,
				enum table_source source, unsigned by,
				const struct filter *filter)
{
	struct snapshot *earlier = total ? r->baseline : r->before;
	struct table *table = table_new(source, by);

	if (table == NULL || !add_all(table, r->last, filter) ||
	    (earlier != NULL && !subtract(table, earlier, r->last, filter))) {
		table_free(table);
		return NULL;
	}
	return table;
}

void top_reading_wall(const struct top_reading *r, bool total,
		      const struct filter *filter, struct wall_time *time)
{
	const struct snapshot *earlier = total ? r->baseline : r->before;
	enum open_end open_end = total ? OPEN_ALL : OPEN_KNOWN;
	struct wall_time before;

	snapshot_wall_time(r->last, filter, open_end, time);
	if (earlier != NULL) {
		snapshot_wall_time(earlier, filter, open_end, &before);
		wall_time_subtract(time, &before);
	}
}

/* --------------------------- files, under way ---------------------------- */

bool top_reading_files(struct top_reading *r, const struct filter *filter,
		       struct latency_error *error)
{
	struct hot_files files;

	if (!hot_files_read(r->directory, filter, 0, &files, error)) {
		if (errno != ENOENT) {
			return false;
		}
		memset(&files, 0, sizeof(files));
	}
	hot_files_free(&r->files_before);
	r->files_before = r->files;
	r->files_before_ns = r->files_ns;
	r->files = files;
	r->files_ns = clock_read_ns(CLOCK_MONOTONIC);
	return true;
}

void top_reading_forget_files(struct top_reading *r)
{
	hot_files_free(&r->files);
	hot_files_free(&r->files_before);
	memset(&r->files, 0, sizeof(r->files));
	memset(&r->files_before, 0, sizeof(r->files_before));
	r->files_ns = r->files_before_ns = 0;
}

bool top_reading_flights(struct top_reading *r, const struct filter *filter,
			 struct latency_error *error)
{
	struct in_flight_list list;

	if (!in_flight_read(r->directory, filter, 0, &list, error)) {
		if (errno != ENOENT) {
			return false;
		}
		memset(&list, 0, sizeof(list));
	}
	in_flight_free(&r->flights);
	r->flights = list;
	return true;
}

void top_reading_free(struct top_reading *r)
{
	snapshot_free(r->last);
	snapshot_free(r->before);
	snapshot_free(r->baseline);
	top_reading_forget_files(r);
	in_flight_free(&r->flights);
}
