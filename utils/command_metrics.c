/*
 * Metrics to standard output: for the textfile collector of node_exporter.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "directory.h"
#include "metrics.h"

static int print(const struct options *options, const char *directory,
		 struct metrics *metrics)
{
	struct snapshot empty = { .image_count = 0 };
	struct latency_error error;
	struct snapshot *snapshot = snapshot_visit(directory, metrics_add,
						   metrics, NULL, &error);
	bool ok;

	if (snapshot == NULL && errno != ENOENT) {
		return complain("%s", error.text);
	}
	if (snapshot != NULL) {
		print_problems(snapshot);
	}
	ok = metrics_print(metrics, snapshot != NULL ? snapshot : &empty,
			   options->output == OUTPUT_OPENMETRICS ?
			   METRICS_OPENMETRICS : METRICS_PROMETHEUS, stdout) &&
		fflush(stdout) == 0;
	snapshot_free(snapshot);
	return ok ? EXIT_OK : complain("cannot write: %s", strerror(errno));
}

int command_metrics(const struct options *options)
{
	struct metrics_keys keys = { .count = 0 };
	struct metrics *metrics;
	char directory[4096];
	int ret;

	if (!directory_find(options->segments, options->configfile, directory,
			    sizeof(directory))) {
		return EXIT_FAILED;
	}
	metrics = metrics_new(&options->report, &keys);
	ret = metrics != NULL ? print(options, directory, metrics) :
		complain("out of memory");
	metrics_free(metrics);
	free(keys.key);
	return ret;
}
