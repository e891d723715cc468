/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "json_value.h"
#include "page_steps.h"

#define ROWS 30			/* of a step: those that took most */

json_t *page_steps_new(void)
{
	return json_pack("{s:[], s:[], s:[], s:{}, s:{}, s:{}}", "begin_ms",
			 "end_ms", "running_us", "time", "smb2_requests",
			 "vfs_operations");
}

/* The array of a name, with nulls for the steps that it had no part in. */
static json_t *series(json_t *of, const char *name, size_t steps)
{
	json_t *array = json_object_get(of, name);

	if (array == NULL) {
		array = json_array();
		if (json_object_set_new(of, name, array) != 0) {
			return NULL;
		}
	}
	while (json_array_size(array) < steps &&
	       json_array_append_new(array, json_null()) == 0) {
	}
	return array;
}

static void append(json_t *array, uint64_t value)
{
	json_array_append_new(array, json_integer((json_int_t)value));
}

/*
 * Count, percentiles, maximum; the least octave of the histogram (its bounds
 * are those of the buckets in "octaves") and the counts from there on.
 */
static json_t *row_of(const struct row_sum *sum)
{
	uint64_t octave[HIST_OCTAVES] = { 0 };
	unsigned i, low = HIST_OCTAVES, high = 0;
	json_t *row = json_array();

	append(row, sum->count);
	append(row, row_sum_percentile(sum, 500));
	append(row, row_sum_percentile(sum, 900));
	append(row, row_sum_percentile(sum, 990));
	append(row, sum->max_ns);
	for (i = 0; i < HIST_BUCKETS; i++) {
		octave[i / HIST_SUB] += sum->histogram[i];
	}
	for (i = 0; i < HIST_OCTAVES; i++) {
		if (octave[i] != 0) {
			low = i < low ? i : low;
			high = i;
		}
	}
	append(row, hist_lower(low % HIST_OCTAVES * HIST_SUB));
	for (i = low; i <= high; i++) {
		append(row, octave[i]);
	}
	return row;
}

static void add_table(json_t *of, const struct table *table,
		      enum dimension key, size_t steps)
{
	unsigned i;

	for (i = 0; i < table_count(table) && i < ROWS; i++) {
		const struct group *g = table_at(table, i);
		json_t *array = series(of, group_name(g, key), steps);

		if (array != NULL && g->sum.count != 0) {
			json_array_append_new(array, row_of(&g->sum));
		}
	}
}

static void add_time(json_t *of, const struct wall_time *t, size_t steps)
{
#define WALL_PART(name, label, brief, doc) \
	append(series(of, #name "_us", steps), t->name##_ns / 1000);
#include "latency_wall.h"
	append(series(of, "under_way_us", steps), t->under_way_ns / 1000);
}

void page_steps_add(json_t *s, const struct report *r, uint64_t begin_ns,
		    uint64_t end_ns, uint64_t running_ns)
{
	size_t steps = json_array_size(json_object_get(s, "begin_ms"));

	append(json_object_get(s, "begin_ms"), begin_ns / 1000000);
	append(json_object_get(s, "end_ms"), end_ns / 1000000);
	append(json_object_get(s, "running_us"), running_ns / 1000);
	add_time(json_object_get(s, "time"), &r->time, steps);
	add_table(json_object_get(s, "smb2_requests"), r->requests,
		  BY_REQUEST, steps);
	add_table(json_object_get(s, "vfs_operations"), r->ops, BY_OP, steps);
}
