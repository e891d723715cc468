/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "key_columns.h"
#include "top_rows.h"

#define NAME 4096

/* A second's share of what there was in an interval; all of it if that is 0. */
static double rate(uint64_t value, uint64_t interval_ns)
{
	return interval_ns == 0 ? (double)value :
		(double)value * 1e9 / (double)interval_ns;
}

/* -------------------------------- groups --------------------------------- */

/* Is a group on the way of the model? */
static bool on_the_way(const struct top_model *m, const struct group *g)
{
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		const char *name = top_model_name(m, (enum dimension)d);

		if (name != NULL &&
		    strcmp(name, group_name(g, (enum dimension)d)) != 0) {
			return false;
		}
	}
	return true;
}

static bool add_group(struct top_sheet *sheet, const struct group *g,
		      enum dimension dimension, uint64_t interval_ns)
{
	const char *name = group_name(g, dimension);
	struct top_row *row = top_sheet_add(sheet, name, name[0] == '\0' ?
					    "-" : short_request(name));
	const struct row_sum *sum = &g->sum;

	if (row == NULL) {
		return false;
	}
	row->value[GROUP_COUNT] = rate(sum->count + sum->untimed, interval_ns);
	row->value[GROUP_ERRORS] = rate(group_failures(g), interval_ns);
	row->value[GROUP_TOTAL] = rate(sum->total_ns, interval_ns);
	row->value[GROUP_SELF] = rate(g->self_ns, interval_ns);
	if (sum->count != 0) {
		row->value[GROUP_AVG] = (double)row_sum_avg(sum);
		row->value[GROUP_P50] = (double)row_sum_percentile(sum, 500);
		row->value[GROUP_P95] = (double)row_sum_percentile(sum, 950);
		row->value[GROUP_P99] = (double)row_sum_percentile(sum, 990);
		row->value[GROUP_MAX] = (double)sum->max_ns;
	}
	return true;
}

static bool add_groups(struct top_sheet *sheet, const struct top_model *m,
		       struct top_reading *r, const struct filter *filter,
		       struct row_sum *all)
{
	enum dimension dimension =
		top_view_row(top_level(m)->view)->dimension;
	unsigned by = top_model_by(m) | BY(dimension);
	bool ops = (by & dimensions_of_ops()) != 0;
	uint64_t interval_ns = sheet->rates ? top_reading_interval_ns(r) : 0;
	struct table *table = top_reading_table(r, !sheet->rates, ops ?
						TABLE_OPS : TABLE_REQUESTS,
						by, filter);
	bool ok = table != NULL;
	unsigned i;

	for (i = 0; ok && i < table_count(table); i++) {
		const struct group *g = table_at(table, i);

		if (on_the_way(m, g)) {
			row_sum_add(all, &g->sum);
			ok = add_group(sheet, g, dimension, interval_ns);
		}
	}
	table_free(table);
	return ok;
}

/* --------------------------------- files --------------------------------- */

static bool add_files(struct top_sheet *sheet, const struct top_reading *r)
{
	uint64_t interval_ns = sheet->rates ?
		r->files_ns - r->files_before_ns : 0;
	struct hot_files files;
	bool ok = hot_files_copy(&r->files, &files);
	unsigned i;

	if (ok && sheet->rates) {
		hot_files_subtract(&files, &r->files_before);
	}
	for (i = 0; ok && i < files.count; i++) {
		const struct latency_file_sum *sum = &files.file[i].sum;
		struct top_row *row;
		char name[NAME];

		snprintf(name, sizeof(name), "%s: %s", files.file[i].share,
			 files.file[i].path);
		row = top_sheet_add(sheet, name, name);
		ok = row != NULL;
		if (ok) {
#define FIGURE(NAME, field, word, doc) \
			row->value[FILE_##NAME] = rate(sum->field, interval_ns);
#include "latency_figures.h"
		}
	}
	hot_files_free(&files);
	return ok;
}

/* ------------------------------- under way ------------------------------- */

/* Does it belong to the request and the op of the way? */
static bool flight_on_the_way(const struct top_model *m,
			      const struct in_flight *e)
{
	const char *request = top_model_name(m, BY_REQUEST);
	const char *op = top_model_name(m, BY_OP);
	unsigned i = 0;

	while (op != NULL && i < e->op_count && strcmp(e->op[i].op, op) != 0) {
		i++;
	}
	return (request == NULL || strcmp(request, e->request) == 0) &&
		(op == NULL || i < e->op_count);
}

static bool add_flight(struct top_sheet *sheet, const struct in_flight *e)
{
	char name[NAME];
	struct top_row *row;
	unsigned i;
	int length;

	length = snprintf(name, sizeof(name), "%s", short_request(e->request));
	for (i = 0; i < e->op_count; i++) {
		length += snprintf(name + length, sizeof(name) - length,
				   "%s%s", e->op[i].async ? " + " : " > ",
				   e->op[i].op);
	}
	snprintf(name + length, sizeof(name) - length, "  %s@%s %s%s%s  %u",
		 e->key.user, e->key.client, e->key.share,
		 e->path[0] != '\0' ? ": " : "", e->path, e->pid);
	row = top_sheet_add(sheet, name, name);
	if (row == NULL) {
		return false;
	}
	row->value[FLIGHT_AGE] = (double)e->age_ns;
	if (e->pending_ns != 0) {
		row->value[FLIGHT_PENDING] = (double)e->pending_ns;
	}
	return true;
}

static bool add_flights(struct top_sheet *sheet, const struct top_model *m,
			const struct top_reading *r)
{
	bool ok = true;
	unsigned i;

	for (i = 0; ok && i < r->flights.count; i++) {
		ok = !flight_on_the_way(m, &r->flights.entry[i]) ||
			add_flight(sheet, &r->flights.entry[i]);
	}
	return ok;
}

/* -------------------------------- the list ------------------------------- */

bool top_rows_make(struct top_sheet *sheet, const struct top_model *m,
		   struct top_reading *r, const struct filter *filter,
		   struct row_sum *all)
{
	enum top_kind kind = top_view_row(top_level(m)->view)->kind;
	bool rates = !m->total && (kind == TOP_FILES ?
				   r->files_before_ns != 0 :
				   top_reading_interval_ns(r) != 0);
	struct filter only = *filter;
	bool ok;

	top_model_filter(m, &only);
	top_sheet_init(sheet, kind, rates);
	row_sum_init(all);
	ok = kind == TOP_GROUPS ? add_groups(sheet, m, r, &only, all) :
		kind == TOP_FILES ? add_files(sheet, r) :
		add_flights(sheet, m, r);
	if (ok && top_level(m)->looked_for[0] != '\0') {
		top_sheet_look_for(sheet, top_level(m)->looked_for);
	}
	top_sheet_sort(sheet, m->sort[kind], m->reverse);
	return ok;
}
