/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */


#include "against.h"
#include "commands.h"
#include "directory.h"
#include "no_match.h"
#include "since_reset.h"

/* What a snapshot is added to. */
struct adding {
	struct report *report;
	struct filter_match match;
};

static bool add(const struct snapshot *snapshot, struct segment_image *image,
		void *private_data)
{
	struct adding *adding = private_data;

	(void)snapshot;
	filter_match_add(&adding->match, &adding->report->options.filter,
			 image);
	return report_add(adding->report, image);
}

static int show(const struct options *options, const char *directory,
		const struct adding *adding)
{
	const struct filter *filter = &options->report.filter;

	if (adding->report->coverage.since_realtime_ns == UINT64_MAX) {
		directory_explain_empty(directory, options);
		return EXIT_FAILED;
	}
	if (filter_match_failed(&adding->match, filter)) {
		return complain_no_match(filter, &adding->match);
	}
	return show_or_compare(options, adding->report);
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
	ret = report_finish(adding->report, snapshot, baseline) ?
		show(options, directory, adding) : complain("out of memory");
	snapshot_free(baseline);
	snapshot_free(snapshot);
	return ret;
}

static int report_once(const struct options *options)
{
	struct adding adding = { .report = NULL };
	char directory[4096];
	int ret;

	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	adding.report = report_new(&options->report);
	if (adding.report == NULL) {
		return complain("out of memory");
	}
	ret = report_on(options, directory, &adding);
	filter_match_free(&adding.match);
	report_free(adding.report);
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
