/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <stdlib.h>

#include "comparison.h"
#include "database.h"
#include "json_value.h"
#include "report_against.h"
#include "value_table.h"

/* The columns of numbers, each with the blank before it. */
enum { COUNT_BEFORE, COUNT_AFTER, BEFORE, AFTER, CHANGE, RATIO, COLUMNS };

static const struct value_column columns[COLUMNS] = {
	[COUNT_BEFORE] = { "Count", 8, 1 },
	[COUNT_AFTER] = { "now", 8, 1 },
	[BEFORE] = { "Avg", 8, 2 },
	[AFTER] = { "now", 8, 2 },
	[CHANGE] = { "Change", 10, 0 },
	[RATIO] = { "Ratio", 7, 0 },
};

#define MARK " *"
#define MEDIAN_TOLD 1.1

/* The tables of a report that are compared; NULL where there is none. */
struct tables {
	const char *title;
	const char *name;		/* in JSON */
	struct table *before;
	struct table *after;
};

#define TABLES 2

static void tables_of(const struct report *before, const struct report *after,
		      struct tables tables[TABLES])
{
	bool by = after->options.by != 0;

	tables[0] = (struct tables){
		"SMB2 requests (times in us, Change in ms)",
		by ? "smb2_requests_by" : "smb2_requests",
		by ? before->by_requests : before->requests,
		by ? after->by_requests : after->requests,
	};
	tables[1] = (struct tables){
		"VFS operations (self times in us, Change in ms)",
		by ? "vfs_operations_by" : "vfs_operations",
		by ? before->by_ops : before->ops,
		by ? after->by_ops : after->ops,
	};
}

/* --------------------------------- text ---------------------------------- */

static const char *cell(char text[CELL], const void *row, unsigned column,
			unsigned width)
{
	const struct change *c = row;

	switch (column) {
	case COUNT_BEFORE:
		return cell_count(text, c->before->sum.count, width);
	case COUNT_AFTER:
		return cell_count(text, c->after->sum.count, width);
	case BEFORE:
		return c->before->sum.count == 0 ? "-" :
			cell_us(text, (uint64_t)c->before_ns, width);
	case AFTER:
		return c->after->sum.count == 0 ? "-" :
			cell_us(text, (uint64_t)c->after_ns, width);
	case CHANGE:
		snprintf(text, CELL, "%+.*f", c->change_ns > 1e12 ||
			 c->change_ns < -1e12 ? 0 : 1, c->change_ns / 1e6);
		return text;
	default:
		break;
	}
	if (c->before->sum.count == 0) {
		return "new";
	}
	if (c->after->sum.count == 0) {
		return "gone";
	}
	if (c->before_ns <= 0 || c->after_ns / c->before_ns >= 1000) {
		return ">999";
	}
	snprintf(text, CELL, "%.2f", c->after_ns / c->before_ns);
	return text;
}

/*
 * What most of a table has become: what has changed like that is not marked,
 * and may be what somebody looks for.
 */
static void print_median(const struct comparison *c, FILE *out)
{
	const double ratio = c->median_ratio;

	if (ratio >= MEDIAN_TOLD) {
		fprintf(out, "; half of the rows take %.2f times as long, or "
			"longer", ratio);
	} else if (ratio > 0 && ratio <= 1 / MEDIAN_TOLD) {
		fprintf(out, "; half of the rows take %.2f times as long, or "
			"less", ratio);
	}
}

static bool print_table(const struct tables *t, FILE *out, unsigned width)
{
	struct value_table shown = {
		.columns = columns,
		.count = COLUMNS,
		.leavable = 2,
		.indent = 1,
		.behind = sizeof(MARK) - 1,
		.cell = cell,
	};
	struct comparison c;
	unsigned i;

	if (t->before == NULL || t->after == NULL) {
		return true;
	}
	if (!comparison_make(t->before, t->after, &c)) {
		return false;
	}
	if (c.count == 0) {
		free(c.changes);
		return true;
	}
	value_table_lay_out(&shown, t->after, width);
	fprintf(out, "\n%s", t->title);
	print_median(&c, out);
	putc('\n', out);
	value_table_print_titles(&shown, out);
	for (i = 0; i < c.count; i++) {
		const struct change *change = &c.changes[i];

		value_table_print(&shown, group_names(change->after), change,
				  change->marked ? MARK : "", out);
	}
	free(c.changes);
	return true;
}

static void print_span(const char *what, const struct report *r, FILE *out)
{
	char from[TIME_SHOWN], to[TIME_SHOWN];

	fprintf(out, "%s %s to %s\n", what,
		time_show(r->since_realtime_ns, from),
		time_show(r->until_realtime_ns, to));
}

bool against_text(struct report *before, struct report *after, FILE *out,
		  unsigned width)
{
	struct tables tables[TABLES];
	bool ok = true;
	unsigned i;

	print_span("Before:", before, out);
	print_span("Now:   ", after, out);
	tables_of(before, after, tables);
	for (i = 0; i < TABLES && ok; i++) {
		ok = print_table(&tables[i], out, width);
	}
	return ok;
}

/* --------------------------------- JSON ---------------------------------- */

static json_t *json_change(const struct table *table, const struct change *c)
{
	json_t *object = json_object();
	unsigned d;

	for (d = 0; d < DIMENSIONS; d++) {
		if (table_by(table) & BY(d)) {
			json_object_set_new(object, dimension_name(d),
				json_text(group_name(c->after, d)));
		}
	}
	json_set(object, "count_before", c->before->sum.count);
	json_set(object, "count_after", c->after->sum.count);
	json_set(object, "total_before_ns", c->before->sum.total_ns);
	json_set(object, "total_after_ns", c->after->sum.total_ns);
	json_set(object, "avg_before_ns", (uint64_t)(c->before_ns + 0.5));
	json_set(object, "avg_after_ns", (uint64_t)(c->after_ns + 0.5));
	json_object_set_new(object, "change_ns",
			    json_integer((json_int_t)c->change_ns));
	json_object_set_new(object, "ratio", c->before_ns > 0 ?
			    json_real(c->after_ns / c->before_ns) :
			    json_null());
	json_object_set_new(object, "beyond_noise", json_boolean(c->marked));
	return object;
}

static json_t *json_table(const struct tables *t, json_t *ratios)
{
	json_t *array = json_array();
	struct comparison c;
	unsigned i;

	if (!comparison_make(t->before, t->after, &c)) {
		json_decref(array);
		return NULL;
	}
	for (i = 0; i < c.count; i++) {
		json_array_append_new(array, json_change(t->after,
							 &c.changes[i]));
	}
	json_object_set_new(ratios, t->name, c.median_ratio > 0 ?
			    json_real(c.median_ratio) : json_null());
	free(c.changes);
	return array;
}

static json_t *json_span(const struct report *r)
{
	json_t *object = json_object();

	json_object_set_new(object, "since",
			    json_timestamp(r->since_realtime_ns));
	json_object_set_new(object, "timestamp",
			    json_timestamp(r->until_realtime_ns));
	json_set(object, "running_for_ms", r->running_for_ns / 1000000);
	return object;
}

json_t *against_object(struct report *before, struct report *after)
{
	json_t *object = json_object(), *ratios = json_object();
	struct tables tables[TABLES];
	unsigned i;

	json_object_set_new(object, "median_ratio", ratios);
	json_object_set_new(object, "before", json_span(before));
	json_object_set_new(object, "after", json_span(after));
	tables_of(before, after, tables);
	for (i = 0; i < TABLES; i++) {
		json_t *array;

		if (tables[i].before == NULL || tables[i].after == NULL) {
			continue;
		}
		array = json_table(&tables[i], ratios);
		if (array == NULL) {
			json_decref(object);
			return NULL;
		}
		json_object_set_new(object, tables[i].name, array);
	}
	return object;
}

bool against_json(struct report *before, struct report *after, FILE *out)
{
	json_t *object = against_object(before, after);

	return object != NULL && json_print(object, out);
}
