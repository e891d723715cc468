/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>

#include "baseline.h"
#include "commands.h"
#include "directory.h"

/* The metrics are for who takes differences: they never go back. */
static bool counts_from_reset(const struct options *options)
{
	return options->output != OUTPUT_OPENMETRICS &&
		options->output != OUTPUT_PROMETHEUS;
}

static int report_on(const struct options *options, const char *directory,
		     const struct snapshot *snapshot,
		     struct snapshot *baseline)
{
	struct report *report = report_make(&options->report, snapshot,
					    baseline);
	int ret;

	if (report == NULL) {
		return complain("out of memory");
	}
	if (report->coverage.since_realtime_ns == UINT64_MAX &&
	    counts_from_reset(options)) {
		directory_explain_empty(directory, options->configfile);
		ret = EXIT_FAILED;
	} else {
		ret = show_report(options, report);
	}
	report_free(report);
	return ret;
}

int command_report(const struct options *options)
{
	struct snapshot *baseline = NULL;
	struct latency_error error;
	struct snapshot *snapshot;
	char directory[4096];
	int ret;

	if (!directory_find(options->segments, options->configfile, directory,
			    sizeof(directory))) {
		return EXIT_FAILED;
	}
	snapshot = counts_from_reset(options) ?
		snapshot_take_with_baseline(directory, &baseline, &error) :
		snapshot_take(directory, &error);
	if (snapshot == NULL) {
		if (errno != ENOENT) {
			return complain("%s", error.text);
		}
		directory_explain_empty(directory, options->configfile);
		return EXIT_FAILED;
	}
	print_problems(snapshot);
	ret = report_on(options, directory, snapshot, baseline);
	snapshot_free(baseline);
	snapshot_free(snapshot);
	return ret;
}
