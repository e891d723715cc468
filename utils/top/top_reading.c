/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdio.h>
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
	if (r->kept.of != r->before) {
		/* Of a snapshot that is gone; another may get its address. */
		table_free(r->kept.table);
		r->kept.table = NULL;
	}
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

/* --------------------------------- tables -------------------------------- */

/* The filter in words; false: they have no room. */
static bool only_text(const struct filter *f, char to[1024])
{
	int length = snprintf(to, 1024, "%s\n%s\n%s\n%d",
			      f->share != NULL ? f->share : "",
			      f->user != NULL ? f->user : "",
			      f->client != NULL ? f->client : "", f->pid);

	return length < 1024;
}

/* Keeps a table of the latest snapshot, which is its own then. */
static void keep(struct top_reading *r, struct table *table,
		 const struct filter *filter)
{
	struct top_kept *k = &r->kept;

	table_free(k->table);
	k->table = table;
	k->of = r->last;
	if (!only_text(filter, k->only)) {
		table_free(table);
		k->table = NULL;
	}
}

static bool has_process(const struct snapshot *s, unsigned near, uint64_t id)
{
	unsigned i;

	/* Mostly they are in the same order. */
	for (i = 0; i < s->image_count; i++) {
		const struct latency_header *h =
			s->images[(near + i) % s->image_count].header;

		if (h->kind == LATENCY_KIND_PROCESS && h->id == id) {
			return true;
		}
	}
	return false;
}

static bool same_departed(const struct segment_image *a,
			  const struct segment_image *b)
{
	return a == NULL || b == NULL ? a == b : a->size == b->size &&
		memcmp(a->data, b->data, a->size) == 0;
}

/* Would snapshot_relate() leave the earlier one as it is? */
static bool is_related(const struct snapshot *earlier,
		       const struct snapshot *later)
{
	unsigned i;

	if (!same_departed(snapshot_departed(earlier),
			   snapshot_departed(later))) {
		return false;
	}
	for (i = 0; i < earlier->image_count; i++) {
		const struct latency_header *h = earlier->images[i].header;

		if (h->kind == LATENCY_KIND_PROCESS &&
		    !has_process(later, i, h->id)) {
			return false;
		}
	}
	return true;
}

/* Is the table that was kept what there was in the earlier snapshot? */
static bool is_kept(const struct top_reading *r, const struct table *table,
		    const struct snapshot *earlier, const struct filter *filter)
{
	const struct top_kept *k = &r->kept;
	char only[1024];

	return k->table != NULL && k->of == earlier &&
		table_source(k->table) == table_source(table) &&
		table_by(k->table) == table_by(table) &&
		only_text(filter, only) && strcmp(only, k->only) == 0 &&
		is_related(earlier, r->last);
}

/* Takes away what there was in an earlier snapshot. */
static bool subtract(struct top_reading *r, struct table *table,
		     struct snapshot *earlier, const struct filter *filter)
{
	struct table *before;
	bool ok;

	if (is_kept(r, table, earlier, filter)) {
		table_subtract(table, r->kept.table);
		return true;
	}
	before = table_new(table_source(table), table_by(table));
	ok = before != NULL && snapshot_relate(earlier, r->last) &&
		add_all(before, earlier, filter);
	if (ok) {
		table_subtract(table, before);
	}
	table_free(before);
	return ok;
}

struct table *top_reading_table(struct top_reading *r, bool total,
				enum table_source source, unsigned by,
				const struct filter *filter)
{
	struct snapshot *earlier = total ? r->baseline : r->before;
	struct table *table = table_new(source, by), *whole = NULL;
	bool ok = table != NULL && add_all(table, r->last, filter);

	if (ok && !total) {
		whole = table_regroup(table, by);
	}
	ok = ok && (earlier == NULL || subtract(r, table, earlier, filter));
	if (!ok) {
		table_free(table);
		table = NULL;
	}
	if (whole != NULL) {
		keep(r, whole, filter);
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

	if (!hot_files_read(r->directory, filter, 0, false, &files, error)) {
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
	table_free(r->kept.table);
	top_reading_forget_files(r);
	in_flight_free(&r->flights);
}
