/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <unistd.h>

#include "complain.h"
#include "database.h"
#include "history_extents.h"
#include "no_match.h"
#include "page_events.h"
#include "page_past.h"
#include "page_steps.h"

#define STEPS 240u		/* as many as one can tell apart */

/* The steps that are shown. */
struct walk {
	uint64_t begin_ns, end_ns, step_ns;
};

/*
 * Sets how long a step is: whole intervals of the coarsest level that is fine
 * enough, beginning where these do, so that few intervals are to be read.
 */
static void set_step(struct walk *walk, const struct history_extents *extents)
{
	uint64_t least = (walk->end_ns - walk->begin_ns) / STEPS + 1;
	uint64_t unit = 1;
	unsigned i;

	for (i = 0; i < extents->level_count; i++) {
		uint64_t step = extents->levels[i].step_ns;

		if (step > unit && (i == 0 || step <= least)) {
			unit = step;
		}
	}
	walk->step_ns = (least + unit - 1) / unit * unit;
}

static bool plan(struct history_db *db, const struct options *options,
		 struct walk *walk, struct latency_error *error)
{
	struct history_extents extents;
	uint64_t begin, end;

	if (!history_extent(db, &begin, &end, error) ||
	    !history_extents_read(db, &extents, error)) {
		return false;
	}
	walk->begin_ns = options->from_ns > begin ? options->from_ns : begin;
	walk->end_ns = options->to_ns < end ? options->to_ns : end;
	if (walk->end_ns < walk->begin_ns) {
		walk->end_ns = walk->begin_ns;
	}
	set_step(walk, &extents);
	history_extents_free(&extents);
	return true;
}

/* One step; nothing if nothing is recorded then. Returns an exit code. */
static int add_step(const struct report_options *options,
		    struct history_db *db, uint64_t begin_ns, uint64_t end_ns,
		    json_t *steps)
{
	struct history_span span;
	struct latency_error error;
	struct report *report;
	int ret = EXIT_OK;

	if (!history_span_read(db, begin_ns, end_ns, false, &span, &error)) {
		return complain("%s", error.text);
	}
	if (span.intervals == 0) {
		return EXIT_OK;
	}
	report = report_make(options, span.later, span.earlier);
	if (report == NULL) {
		ret = complain("out of memory");
	} else {
		page_steps_add(steps, report, begin_ns, end_ns,
			       span.sum.running_ns);
	}
	report_free(report);
	history_span_free(&span);
	return ret;
}

/* For whom it takes long: how far it is, on a terminal only. */
static void show_progress(const struct walk *walk, uint64_t at_ns)
{
	uint64_t all = walk->end_ns - walk->begin_ns;

	if (!isatty(STDERR_FILENO) || all == 0) {
		return;
	}
	/* What is said next, if anything, takes its line. */
	fprintf(stderr, "reading the history: %3.0f %%\r",
		100.0 * (double)(at_ns - walk->begin_ns) / (double)all);
	if (at_ns >= walk->end_ns) {
		fprintf(stderr, "%*s\r", 26, "");
	}
}

static int add_steps(const struct options *options, struct history_db *db,
		     json_t *steps)
{
	const struct report_options each = {
		.filter = options->report.filter,
		.ops = true,
	};
	struct latency_error error;
	struct walk walk;
	uint64_t at, end;
	int ret = EXIT_OK;

	if (!plan(db, options, &walk, &error)) {
		return complain("%s", error.text);
	}
	for (at = walk.begin_ns; ret == EXIT_OK && at < walk.end_ns; at = end) {
		end = (at / walk.step_ns + 1) * walk.step_ns;
		end = end < walk.end_ns ? end : walk.end_ns;
		ret = add_step(&each, db, at, end, steps);
		show_progress(&walk, end);
	}
	return ret;
}

static int add_all(const struct options *options, struct history_span *span,
		   struct page_source *source)
{
	const struct filter *filter = &options->report.filter;
	struct filter_match match = { .any = false };
	int ret = EXIT_OK;
	unsigned i;

	for (i = 0; i < span->later->image_count && ret == EXIT_OK; i++) {
		filter_match_add(&match, filter, &span->later->images[i]);
		if (!page_source_add(source, &span->later->images[i])) {
			ret = complain("out of memory");
		}
	}
	if (ret == EXIT_OK && filter_match_failed(&match, filter)) {
		ret = complain_no_match(filter, &match);
	}
	filter_match_free(&match);
	if (ret == EXIT_OK &&
	    !page_source_finish(source, span->later, span->earlier)) {
		ret = complain("out of memory");
	}
	history_span_end(span, &source->account.report->coverage);
	return ret;
}

static int read_past(const struct options *options, struct history_db *db,
		     struct page_source *source, struct history_span *span,
		     json_t *steps)
{
	struct latency_error error;
	int ret;

	if (!history_span_read(db, options->from_ns, options->to_ns, true,
			       span, &error)) {
		return complain("%s", error.text);
	}
	if (span->intervals == 0) {
		return database_has_not(options, db);
	}
	ret = add_all(options, span, source);
	return ret == EXIT_OK ? add_steps(options, db, steps) : ret;
}

int page_past(const struct options *options, struct page_source *source,
	      struct history_span *span, json_t **more)
{
	struct history_db db;
	json_t *steps;
	int ret;

	if (!database_open(options, &db)) {
		return EXIT_FAILED;
	}
	steps = page_steps_new();
	ret = read_past(options, &db, source, span, steps);
	*more = json_object();
	json_object_set_new(*more, "steps", steps);
	if (ret == EXIT_OK) {
		ret = page_events_past(options, &db, *more);
	}
	history_db_close(&db);
	return ret;
}
