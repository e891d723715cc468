/*
 * Reports on a time that is past, made of the history.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "against.h"
#include "commands.h"
#include "database.h"
#include "history_span.h"
#include "no_match.h"
#include "report_interval.h"
#include "show_report.h"
#include "time_ns.h"

/* The report of a span; NULL: no memory. */
static struct report *make(const struct options *options,
			   const struct history_span *span)
{
	struct report *report = report_make(&options->report, span->later,
					    span->earlier);

	if (report != NULL) {
		history_span_end(span, &report->coverage);
	}
	return report;
}

static int check_match(const struct options *options,
		       const struct history_span *span)
{
	const struct filter *filter = &options->report.filter;
	struct filter_match match = { .any = false };
	int ret = EXIT_OK;
	unsigned i;

	for (i = 0; i < span->later->image_count; i++) {
		filter_match_add(&match, filter, &span->later->images[i]);
	}
	if (filter_match_failed(&match, filter)) {
		ret = complain_no_match(filter, &match);
	}
	filter_match_free(&match);
	return ret;
}

static int report_once(const struct options *options, struct history_db *db)
{
	struct history_span span;
	struct latency_error error;
	struct report *report;
	int ret;

	if (!history_span_read(db, options->from_ns, options->to_ns, true,
			       &span, &error)) {
		return complain("%s", error.text);
	}
	if (span.intervals == 0) {
		return database_has_not(options, db);
	}
	ret = check_match(options, &span);
	if (ret == EXIT_OK) {
		report = make(options, &span);
		ret = report != NULL ? show_or_compare(options, report) :
			complain("out of memory");
		report_free(report);
	}
	history_span_free(&span);
	return ret;
}

/* Shows a step; *shown counts those in which something is recorded. */
static int report_step(const struct options *options, struct history_db *db,
		       struct interval_view *view, uint64_t from_ns,
		       uint64_t to_ns, unsigned long *shown)
{
	struct history_span span;
	struct latency_error error;
	struct report *report;
	int ret = EXIT_OK;

	if (!history_span_read(db, from_ns, to_ns, false, &span, &error)) {
		return complain("%s", error.text);
	}
	if (span.intervals == 0) {
		return EXIT_OK;
	}
	report = make(options, &span);
	if (report == NULL) {
		ret = complain("out of memory");
	} else if (options->output != OUTPUT_TEXT) {
		ret = show_report(options, report);
	} else {
		interval_view_print(view, report, stdout);
		ret = flush_output();
	}
	(*shown)++;
	report_free(report);
	history_span_free(&span);
	return ret;
}

/* One interval after the other. */
static int report_steps(const struct options *options, struct history_db *db)
{
	uint64_t step = (uint64_t)(options->interval * 1e9);
	struct interval_view view = { .interval_ns = step };
	struct history_middles middles;
	uint64_t begin, end, at;
	struct latency_error error;
	unsigned long shown = 0;
	int ret = EXIT_OK;

	if (!history_extent(db, &begin, &end, &error)) {
		return complain("%s", error.text);
	}
	/* Whole steps from --from on, but none before there is anything. */
	at = options->from_ns;
	if (at < begin) {
		at += (begin - at) / step * step;
	}
	end = options->to_ns < end ? options->to_ns : end;
	if (!history_middles_begin(&middles, db, &error)) {
		return complain("%s", error.text);
	}
	while (ret == EXIT_OK && at < end &&
	       (options->count == 0 || shown < options->count)) {
		ret = report_step(options, db, &view, at,
				  end - at < step ? end : at + step, &shown);
		at += step;
		if (!history_middles_skip(&middles, at, &error)) {
			ret = complain("%s", error.text);
		}
		/* However long there is nothing, no time goes by for it. */
		at += (middles.ns - at) / step * step;
	}
	history_middles_end(&middles);
	return ret == EXIT_OK && shown == 0 ? database_has_not(options, db) :
		ret;
}

/* What the history cannot tell. */
static int check_options(const struct options *options)
{
	int ret = past_check(options, 0);

	if (ret == EXIT_OK && (options->report.filter.pid != 0 ||
			       (options->report.by & BY(BY_PROCESS)))) {
		ret = wrong_usage("the history does not tell processes apart");
	}
	return ret;
}

int command_past(const struct options *options)
{
	struct history_db db;
	int ret = check_options(options);

	if (ret != EXIT_OK) {
		return ret;
	}
	if (!database_open(options, &db)) {
		return EXIT_FAILED;
	}
	ret = options->interval != 0 ? report_steps(options, &db) :
		report_once(options, &db);
	history_db_close(&db);
	return ret;
}
