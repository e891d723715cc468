/*
 * Metrics to standard output: for the textfile collector of node_exporter.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdlib.h>

#include "commands.h"
#include "directory.h"
#include "in_flight.h"
#include "metrics.h"
#include "no_match.h"

struct adding {
	const struct filter *filter;
	struct filter_match match;
	struct metrics *metrics;
};

static bool add(const struct snapshot *snapshot, struct segment_image *image,
		void *private_data)
{
	struct adding *adding = private_data;

	/* Before the metrics rename what has no label of its own. */
	filter_match_add(&adding->match, adding->filter, image);
	return metrics_add(snapshot, image, adding->metrics);
}

static int print(const struct options *options, const char *directory,
		 struct adding *adding)
{
	struct snapshot empty = { .image_count = 0 };
	struct in_flight_list in_flight = { .count = 0 };
	const struct metrics_out out = {
		.out = stdout,
		.format = options->output == OUTPUT_OPENMETRICS ?
			METRICS_OPENMETRICS : METRICS_PROMETHEUS,
		.resolution = options->resolution,
	};
	struct latency_error error;
	struct snapshot *snapshot = snapshot_visit(directory, add, adding,
						   &error);
	bool ok;

	if (snapshot == NULL && errno != ENOENT) {
		return complain("%s", error.text);
	}
	if (snapshot != NULL) {
		print_problems(snapshot);
	}
	if (filter_match_failed(&adding->match, adding->filter)) {
		/* Said only: what is not there now may come. */
		complain_no_match(adding->filter, &adding->match);
	}
	if (!in_flight_read(directory, adding->filter, 0, &in_flight, &error) &&
	    errno != ENOENT) {
		snapshot_free(snapshot);
		return complain("%s", error.text);
	}
	ok = metrics_print(adding->metrics,
			   snapshot != NULL ? snapshot : &empty, &in_flight,
			   &out);
	in_flight_free(&in_flight);
	snapshot_free(snapshot);
	return ok || ferror(stdout) ? flush_output() :
		complain("out of memory");
}

int command_metrics(const struct options *options)
{
	struct metrics_keys keys = { .max_shares = options->max_shares };
	struct adding adding = { .filter = &options->report.filter };
	char directory[4096];
	int ret;

	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	adding.metrics = metrics_new(&options->report, &keys);
	ret = adding.metrics != NULL ? print(options, directory, &adding) :
		complain("out of memory");
	filter_match_free(&adding.match);
	metrics_free(adding.metrics);
	metrics_keys_free(&keys);
	return ret;
}
