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

int command_metrics(const struct options *options)
{
	struct metrics_keys keys = { .count = 0 };
	struct snapshot empty = { .image_count = 0 };
	struct latency_error error;
	struct snapshot *snapshot;
	char directory[4096];
	bool ok;

	if (!directory_find(options->segments, options->configfile, directory,
			    sizeof(directory))) {
		return EXIT_FAILED;
	}
	snapshot = snapshot_take(directory, &error);
	if (snapshot == NULL && errno != ENOENT) {
		return complain("%s", error.text);
	}
	if (snapshot != NULL) {
		print_problems(snapshot);
	}
	ok = metrics_print(snapshot != NULL ? snapshot : &empty,
			   &options->report, &keys,
			   options->output == OUTPUT_OPENMETRICS ?
			   METRICS_OPENMETRICS : METRICS_PROMETHEUS, stdout) &&
		fflush(stdout) == 0;
	free(keys.key);
	snapshot_free(snapshot);
	return ok ? EXIT_OK : complain("cannot write: %s", strerror(errno));
}
