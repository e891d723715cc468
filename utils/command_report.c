/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>

#include "commands.h"
#include "directory.h"

static bool add(const struct snapshot *snapshot, struct segment_image *image,
		void *private_data)
{
	struct report *report = private_data;

	(void)snapshot;
	return report_add(report, image);
}

static int show(const struct options *options, const char *directory,
		const struct report *report)
{
	if (report->coverage.since_realtime_ns == UINT64_MAX) {
		directory_explain_empty(directory, options->configfile);
		return EXIT_FAILED;
	}
	return show_report(options, report);
}

static int report_on(const struct options *options, const char *directory,
		     struct report *report)
{
	struct snapshot *baseline;
	struct latency_error error;
	struct snapshot *snapshot;
	int ret;

	snapshot = snapshot_visit(directory, add, report, &baseline, &error);
	if (snapshot == NULL) {
		if (errno != ENOENT) {
			return complain("%s", error.text);
		}
		directory_explain_empty(directory, options->configfile);
		return EXIT_FAILED;
	}
	print_problems(snapshot);
	ret = report_finish(report, snapshot, baseline) ?
		show(options, directory, report) : complain("out of memory");
	snapshot_free(baseline);
	snapshot_free(snapshot);
	return ret;
}

int command_report(const struct options *options)
{
	struct report *report;
	char directory[4096];
	int ret;

	if (!directory_find(options->segments, options->configfile, directory,
			    sizeof(directory))) {
		return EXIT_FAILED;
	}
	report = report_new(&options->report);
	if (report == NULL) {
		return complain("out of memory");
	}
	ret = report_on(options, directory, report);
	report_free(report);
	return ret;
}
