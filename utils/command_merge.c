/*
 * One report of many: those of the nodes of a cluster, or those of one
 * interval after the other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "commands.h"
#include "report_read.h"
#include "show_report.h"

int command_merge(const struct options *options, const char *const *files)
{
	struct latency_error error;
	struct report_sum sum;
	int ret = EXIT_OK;

	if (files[0] == NULL) {
		return wrong_usage("merge takes the files that "
				   "\"smblatency-stat --json\" wrote");
	}
	if (!report_sum_init(&sum, &options->report)) {
		return complain("out of memory");
	}
	for (; *files != NULL && ret == EXIT_OK; files++) {
		if (!report_sum_add(&sum, *files, &error)) {
			ret = complain("%s", error.text);
		}
	}
	if (ret == EXIT_OK) {
		report_sum_finish(&sum);
		ret = show_report(options, &sum.report);
	}
	report_sum_free(&sum);
	return ret;
}
