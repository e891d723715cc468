/*
 * One page to look at, to be kept or sent.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <unistd.h>

#include "commands.h"
#include "directory.h"
#include "no_match.h"
#include "page.h"
#include "page_source.h"
#include "since_reset.h"

/* What a snapshot is added to. */
struct adding {
	struct page_source source;
	struct filter_match match;
};

static bool add(const struct snapshot *snapshot, struct segment_image *image,
		void *private_data)
{
	struct adding *adding = private_data;
	const struct report *report = adding->source.account.report;

	(void)snapshot;
	filter_match_add(&adding->match, &report->options.filter, image);
	return page_source_add(&adding->source, image);
}

static int show(const struct options *options, const char *directory,
		struct page_source *source)
{
	struct latency_error error;
	json_t *data;
	bool ok;

	if (!in_flight_read(directory, &options->report.filter, 0,
			    &source->account.in_flight, &error)) {
		return complain("%s", error.text);
	}
	data = page_source_json(source);
	ok = data != NULL && page_print(data, stdout);
	json_decref(data);
	return ok ? flush_output() : complain("out of memory");
}

static int page_of(const struct options *options, const char *directory,
		   struct adding *adding)
{
	const struct filter *filter = &options->report.filter;
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
	if (adding->source.account.report->coverage.since_realtime_ns ==
	    UINT64_MAX) {
		directory_explain_empty(directory, options);
		ret = EXIT_FAILED;
	} else if (filter_match_failed(&adding->match, filter)) {
		ret = complain_no_match(filter, &adding->match);
	} else if (page_source_finish(&adding->source, snapshot, baseline)) {
		ret = show(options, directory, &adding->source);
	} else {
		ret = complain("out of memory");
	}
	snapshot_free(baseline);
	snapshot_free(snapshot);
	return ret;
}

static int complain_not_built(void)
{
	return complain("the page is not part of this program: when it was "
			"configured, its libraries\ncould not be fetched. "
			"Install npm, then run:\n"
			"  ./configure --enable-page && make && make install");
}

int command_html(const struct options *options, const char *const *words)
{
	struct adding adding = { .match.any = false };
	char directory[4096];
	int ret;

	(void)words;
	if (page_before[0] == '\0') {
		return complain_not_built();
	}
	if (isatty(1)) {
		return wrong_usage("html prints a file: add, for example, "
				   ">report.html");
	}
	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	ret = page_source_init(&adding.source, &options->report.filter) ?
		page_of(options, directory, &adding) :
		complain("out of memory");
	page_source_free(&adding.source);
	filter_match_free(&adding.match);
	return ret;
}
