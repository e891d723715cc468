/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>

#include "baseline.h"
#include "commands.h"
#include "directory.h"

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
	if (report->coverage.since_realtime_ns == UINT64_MAX) {
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
	struct snapshot *baseline;
	struct latency_error error;
	struct snapshot *snapshot;
	char directory[4096];
	int ret;

	if (!directory_find(options->segments, options->configfile, directory,
			    sizeof(directory))) {
		return EXIT_FAILED;
	}
	snapshot = snapshot_take_with_baseline(directory, &baseline, &error);
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
