/*
 * What is recorded.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

#include "columns.h"
#include "commands.h"
#include "database.h"
#include "duration_text.h"
#include "history_extents.h"
#include "json_value.h"

static void print_json(const struct history_db *db,
		       const struct history_extents *e)
{
	json_t *object = json_object();
	json_t *levels = json_array();
	json_t *gaps = json_array();
	unsigned i;

	for (i = 0; i < e->level_count; i++) {
		const struct history_level *l = &e->levels[i];
		json_t *level = json_object();

		json_set(level, "step_ms", l->step_ns / 1000000);
		json_object_set_new(level, "from", json_timestamp(l->begin_ns));
		json_object_set_new(level, "to", json_timestamp(l->end_ns));
		json_set(level, "intervals", l->intervals);
		json_array_append_new(levels, level);
	}
	for (i = 0; i < e->gap_count; i++) {
		json_t *gap = json_object();

		json_object_set_new(gap, "from",
				    json_timestamp(e->gaps[i].begin_ns));
		json_object_set_new(gap, "to",
				    json_timestamp(e->gaps[i].end_ns));
		json_array_append_new(gaps, gap);
	}
	json_object_set_new(object, "database", json_text(db->name));
	json_set(object, "bytes", e->size);
	json_object_set_new(object, "levels", levels);
	json_object_set_new(object, "longer", gaps);
	json_set(object, "slow_operations", e->slow_ops);
	json_print(object, stdout);
}

static void print_text(const struct history_extents *e)
{
	char from[TIME_SHOWN], to[TIME_SHOWN], text[DURATION_SHOWN];
	unsigned i;

	printf("%-8s  %-19s  %-19s  %9s\n", "Interval", "From", "To", "Count");
	for (i = 0; i < e->level_count; i++) {
		const struct history_level *l = &e->levels[i];

		printf("%-8s  %s  %s  %9llu\n",
		       duration_show(l->step_ns, text),
		       time_show(l->begin_ns, from), time_show(l->end_ns, to),
		       (unsigned long long)l->intervals);
	}
	for (i = 0; i < e->gap_count; i++) {
		const struct history_gap *g = &e->gaps[i];

		printf("%s%s  %s  one of %s\n", i == 0 ?
		       "\nLonger intervals, when nobody was recording:\n" : "",
		       time_show(g->begin_ns, from), time_show(g->end_ns, to),
		       duration_show(g->end_ns - g->begin_ns, text));
	}
	printf("\n%llu slow operations, %.1f MB\n",
	       (unsigned long long)e->slow_ops, (double)e->size / 1e6);
}

int command_history(const struct options *options, const char *const *words)
{
	struct history_extents extents;
	struct latency_error error;
	struct history_db db;
	int ret = EXIT_FAILED;

	(void)words;
	if (!database_open(options, &db)) {
		return EXIT_FAILED;
	}
	if (!history_extents_read(&db, &extents, &error)) {
		complain("%s", error.text);
	} else if (extents.level_count == 0) {
		complain("%s: nothing is recorded yet: the first interval has "
			 "not ended", db.name);
	} else {
		if (options->output == OUTPUT_JSON) {
			print_json(&db, &extents);
		} else {
			print_text(&extents);
		}
		ret = flush_output();
	}
	history_extents_free(&extents);
	history_db_close(&db);
	return ret;
}
