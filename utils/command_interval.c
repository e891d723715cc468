/*
 * One interval after the other, as vmstat and pidstat do, and a summary of
 * them all at the end, as ping does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <time.h>

#include "columns.h"
#include "commands.h"
#include "directory.h"
#include "no_match.h"
#include "report_interval.h"
#include "show_report.h"
#include "views.h"
#include "waiting.h"

/* A series of snapshots. */
struct series {
	const struct options *options;
	char directory[4096];
	struct snapshot *first;
	struct snapshot *last;
	struct interval_view view;
	unsigned long long due_ns;	/* CLOCK_MONOTONIC of the next one */
	unsigned long shown;
};

static struct snapshot *take(const struct series *series)
{
	struct latency_error error = { .text = "out of memory" };
	struct snapshot *s = snapshot_take(series->directory, &error);

	if (s == NULL && errno == ENOENT) {
		if (series->first == NULL) {
			directory_explain_empty(series->directory,
						series->options);
		}
		s = snapshot_of_nothing();
	}
	if (s == NULL) {
		complain("%s", error.text);
	} else {
		print_problems(s);
	}
	return s;
}

/* What matches nothing now may do so later. */
static void say_if_none_matches(const struct series *series)
{
	const struct filter *filter = &series->options->report.filter;
	struct filter_match match = { .any = false };
	unsigned i;

	for (i = 0; i < series->first->image_count; i++) {
		filter_match_add(&match, filter, &series->first->images[i]);
	}
	if (filter_match_failed(&match, filter)) {
		complain_no_match(filter, &match);
	}
	filter_match_free(&match);
}

static int show(struct series *series, const struct report *report)
{
	if (series->options->output != OUTPUT_TEXT) {
		return show_report(series->options, report);
	}
	interval_view_print(&series->view, report, stdout);
	return flush_output();
}

/* Takes a snapshot and shows what happened since the last one. */
static int show_interval(struct series *series)
{
	struct snapshot *now = take(series);
	struct report *report;
	int ret;

	if (now == NULL) {
		return EXIT_FAILED;
	}
	report = report_make(&series->options->report, now, series->last);
	if (report == NULL) {
		snapshot_free(now);
		return complain("out of memory");
	}
	ret = show(series, report);
	report_free(report);
	series->shown++;
	if (series->last != series->first) {
		snapshot_free(series->last);
	}
	series->last = now;
	return ret;
}

/* All intervals together; for programs their objects say it all. */
static int show_summary(const struct series *series)
{
	enum output output = series->options->output;
	struct report *report;
	int ret;

	if ((output != OUTPUT_TEXT && output != OUTPUT_TREE) ||
	    series->shown < 2) {
		return EXIT_OK;
	}
	report = report_make(&series->options->report, series->last,
			     series->first);
	if (report == NULL) {
		return complain("out of memory");
	}
	printf("\n--- all %lu intervals ---\n", series->shown);
	ret = show_report(series->options, report);
	report_free(report);
	return ret;
}

/*
 * The end of the next interval: a whole number of them after the first. Those
 * that have passed already, while we were stopped or nobody read what we
 * print, are one that is longer.
 */
static unsigned long long next_due(const struct series *series,
				   unsigned long long step)
{
	unsigned long long last = series->last->taken_monotonic_ns;
	unsigned long long missed = last > series->due_ns ?
		(last - series->due_ns) / step : 0;

	return series->due_ns + (missed + 1) * step;
}

static int run(struct series *series)
{
	const struct options *o = series->options;
	unsigned long long step = (unsigned long long)(o->interval * 1e9);
	bool ended = false;
	int ret = EXIT_OK;

	series->due_ns = series->first->taken_monotonic_ns;
	while (!ended && ret == EXIT_OK &&
	       (o->count == 0 || series->shown < o->count)) {
		series->due_ns = next_due(series, step);
		/* Told to end, it still shows what there was since. */
		ended = wait_until(series->due_ns);
		ret = show_interval(series);
	}
	return ret != EXIT_OK ? ret : show_summary(series);
}

int command_interval(const struct options *options)
{
	struct series series = {
		.options = options,
		.view.interval_ns = (uint64_t)(options->interval * 1e9),
	};
	int ret = EXIT_FAILED;

	if (!directory_find(options, series.directory,
			    sizeof(series.directory))) {
		return EXIT_FAILED;
	}
	catch_signals();
	series.first = series.last = take(&series);
	if (series.first != NULL) {
		say_if_none_matches(&series);
		ret = run(&series);
	}
	if (series.last != series.first) {
		snapshot_free(series.last);
	}
	snapshot_free(series.first);
	return ret;
}
