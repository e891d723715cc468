/*
 * One interval after the other, as vmstat and pidstat do, and a summary of
 * them all at the end, as ping does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <time.h>

#include "backdrop.h"
#include "columns.h"
#include "commands.h"
#include "directory.h"
#include "no_match.h"
#include "report_interval.h"
#include "show_report.h"
#include "views.h"
#include "waiting.h"

/* A series of readings. */
struct series {
	const struct options *options;
	char directory[4096];
	struct follower *follower;
	struct backdrop *backdrop;
	struct interval_view view;
	unsigned long long due_ns;	/* CLOCK_MONOTONIC of the next one */
	unsigned long shown;
	bool begun;
};

static bool take(const struct series *series)
{
	struct latency_error error = { .text = "out of memory" };

	if (!follower_read(series->follower, &error)) {
		if (errno != ENOENT) {
			complain("%s", error.text);
			return false;
		}
		if (!series->begun) {
			directory_explain_empty(series->directory,
						series->options);
		}
		follower_read_nothing(series->follower);
	}
	print_problems(follower_reading(series->follower));
	return true;
}

struct matching {
	const struct filter *filter;
	struct filter_match match;
};

static bool add_match(const struct segment_image *image, void *private_data)
{
	struct matching *m = private_data;

	filter_match_add(&m->match, m->filter, image);
	return true;
}

/* What matches nothing now may do so later. */
static void say_if_none_matches(const struct series *series)
{
	struct matching m = { .filter = &series->options->report.filter };

	follower_visit(series->follower, FOLLOWER_LAST, add_match, &m);
	if (filter_match_failed(&m.match, m.filter)) {
		complain_no_match(m.filter, &m.match);
	}
	filter_match_free(&m.match);
}

static int show(struct series *series, const struct report *report)
{
	if (series->options->output != OUTPUT_TEXT) {
		return show_report(series->options, report);
	}
	interval_view_print(&series->view, report, stdout);
	return flush_output();
}

/* Takes a reading and shows what happened since the last one. */
static int show_interval(struct series *series)
{
	struct follower *follower = series->follower;
	struct follower_pair *pair = NULL;
	struct report *report = NULL;
	int ret;

	if (!take(series)) {
		return EXIT_FAILED;
	}
	if (backdrop_update(series->backdrop, follower, FOLLOWER_LAST)) {
		report = backdrop_report(series->backdrop, follower,
					 FOLLOWER_LAST, true, &pair);
	}
	if (report == NULL) {
		return complain("out of memory");
	}
	ret = show(series, report);
	report_free(report);
	follower_pair_free(pair);
	follower_set_mark(follower, FOLLOWER_LAST);
	series->shown++;
	return ret;
}

/* All intervals together; for programs their objects say it all. */
static int show_summary(const struct series *series)
{
	enum output output = series->options->output;
	struct follower_pair *pair;
	struct report *report;
	int ret;

	if ((output != OUTPUT_TEXT && output != OUTPUT_TREE) ||
	    series->shown < 2) {
		return EXIT_OK;
	}
	report = report_since(&series->options->report, series->follower,
			      FOLLOWER_FIRST, &pair);
	if (report == NULL) {
		return complain("out of memory");
	}
	printf("\n--- all %lu intervals ---\n", series->shown);
	ret = show_report(series->options, report);
	report_free(report);
	follower_pair_free(pair);
	return ret;
}

static uint64_t taken_ns(const struct series *series)
{
	return follower_reading(series->follower)->taken_monotonic_ns;
}

/*
 * The end of the next interval: a whole number of them after the first. Those
 * that have passed already, while we were stopped or nobody read what we
 * print, are one that is longer.
 */
static unsigned long long next_due(const struct series *series,
				   unsigned long long step)
{
	unsigned long long last = taken_ns(series);
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

	series->due_ns = taken_ns(series);
	while (!ended && ret == EXIT_OK &&
	       (o->count == 0 || series->shown < o->count)) {
		series->due_ns = next_due(series, step);
		/* Told to end, it still shows what there was since. */
		ended = wait_until(series->due_ns);
		ret = show_interval(series);
	}
	return ret != EXIT_OK ? ret : show_summary(series);
}

/* The reading that the first interval begins with. */
static bool begin(struct series *series)
{
	const struct report_options *options = &series->options->report;

	series->follower = follower_new(series->directory, &options->filter);
	series->backdrop = backdrop_new(options);
	if (series->follower == NULL || series->backdrop == NULL) {
		complain("out of memory");
		return false;
	}
	if (!take(series)) {
		return false;
	}
	series->begun = true;
	follower_set_mark(series->follower, FOLLOWER_FIRST);
	follower_set_mark(series->follower, FOLLOWER_LAST);
	say_if_none_matches(series);
	if (!backdrop_update(series->backdrop, series->follower,
			     FOLLOWER_LAST)) {
		complain("out of memory");
		return false;
	}
	return true;
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
	if (begin(&series)) {
		ret = run(&series);
	}
	backdrop_free(series.backdrop);
	follower_free(series.follower);
	return ret;
}
