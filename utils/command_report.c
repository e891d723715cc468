/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "account_look.h"
#include "against.h"
#include "commands.h"
#include "diagnosis.h"
#include "directory.h"
#include "no_match.h"
#include "since_reset.h"
#include "wrapped.h"

/* What a snapshot is added to. */
struct adding {
	struct account account;		/* without a verdict: its report only */
	bool verdict;
	struct filter_match match;
};

static bool add(const struct snapshot *snapshot, struct segment_image *image,
		void *private_data)
{
	struct adding *adding = private_data;

	(void)snapshot;
	filter_match_add(&adding->match,
			 &adding->account.report->options.filter, image);
	return adding->verdict ? account_add(&adding->account, image) :
		report_add(adding->account.report, image);
}

static bool finish(struct adding *adding, const struct snapshot *snapshot,
		   struct snapshot *baseline)
{
	return adding->verdict ?
		account_finish(&adding->account, snapshot, baseline) :
		report_finish(adding->account.report, snapshot, baseline);
}

/* The first sentence of what the command why says. */
static int print_verdict(const char *directory, struct account *a)
{
	struct latency_error error;
	static struct diagnosis d;
	char *end;

	if (!account_look(a, directory, NULL, &error)) {
		return complain("%s", error.text);
	}
	diagnose(a, &d);
	end = strstr(d.verdict, ". ");
	if (end != NULL) {
		end[1] = '\0';
	}
	putchar('\n');
	print_wrapped(d.verdict, 0, 0, wrapped_width());
	return flush_output();
}

static int show(const struct options *options, const char *directory,
		struct adding *adding)
{
	const struct filter *filter = &options->report.filter;
	struct report *report = adding->account.report;
	int ret;

	if (report->coverage.since_realtime_ns == UINT64_MAX) {
		directory_explain_empty(directory, options);
		return EXIT_FAILED;
	}
	if (filter_match_failed(&adding->match, filter)) {
		return complain_no_match(filter, &adding->match);
	}
	/* A verdict needs more than is to be shown. */
	report->options = options->report;
	ret = show_or_compare(options, report);
	return ret == EXIT_OK && adding->verdict ?
		print_verdict(directory, &adding->account) : ret;
}

static int report_on(const struct options *options, const char *directory,
		     struct adding *adding)
{
	struct snapshot *baseline;
	struct latency_error error;
	struct snapshot *snapshot;
	int ret;

	snapshot = since_reset_visit(directory, add, adding, &baseline,
				     &error);
	if (snapshot == NULL) {
		return directory_failed(directory, options, &error);
	}
	print_problems(snapshot);
	ret = finish(adding, snapshot, baseline) ?
		show(options, directory, adding) : complain("out of memory");
	snapshot_free(baseline);
	snapshot_free(snapshot);
	return ret;
}

/* Of the screens for people, those that are about everything. */
static bool wants_verdict(const struct options *options)
{
	const struct report_options *o = &options->report;

	return options->output == OUTPUT_TEXT && options->against == NULL &&
		o->by == 0 && !o->histograms && !o->sizes;
}

static bool begin(const struct options *options, struct adding *adding)
{
	if (adding->verdict) {
		return account_init(&adding->account,
				    &options->report.filter);
	}
	adding->account.report = report_new(&options->report);
	return adding->account.report != NULL;
}

static int report_once(const struct options *options)
{
	struct adding adding = { .verdict = wants_verdict(options) };
	char directory[4096];
	int ret;

	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	if (!begin(options, &adding)) {
		return complain("out of memory");
	}
	ret = report_on(options, directory, &adding);
	filter_match_free(&adding.match);
	account_free(&adding.account);
	return ret;
}

int command_report(const struct options *options, const char *const *words)
{
	(void)words;
	if (options->output == OUTPUT_OPENMETRICS ||
	    options->output == OUTPUT_PROMETHEUS) {
		return command_metrics(options);
	}
	if (options->against != NULL &&
	    (options->interval != 0 || options->report.histograms ||
	     options->report.sizes)) {
		return wrong_usage("--against goes with none of -i, -d and "
				   "--sizes");
	}
	/* --database may be that of --against only. */
	if (options->given & (options->against == NULL ? TAKES_PAST :
			      GIVEN(OPTION_FROM) | GIVEN(OPTION_TO))) {
		return command_past(options);
	}
	return options->interval != 0 ? command_interval(options) :
		report_once(options);
}
