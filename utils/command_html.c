/*
 * One page to look at, to be kept or sent.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <unistd.h>

#include "account_look.h"
#include "against.h"
#include "commands.h"
#include "directory.h"
#include "no_match.h"
#include "page.h"
#include "page_events.h"
#include "page_past.h"
#include "page_source.h"
#include "report_against.h"
#include "since_reset.h"

/* -------------------------------- the page ------------------------------- */

static int add_against(const struct options *options, struct report *before,
		       struct report *after, void *private_data)
{
	json_t *object = against_object(before, after);

	(void)options;
	if (object == NULL) {
		return complain("out of memory");
	}
	json_object_set_new(private_data, "against", object);
	return EXIT_OK;
}

/* Takes the data. */
static int print(const struct options *options, struct page_source *source,
		 json_t *data)
{
	struct options with_ops = *options;
	int ret = EXIT_OK;

	with_ops.report.ops = true;
	if (options->against != NULL) {
		ret = compare_with(&with_ops, source->account.report,
				   add_against, data);
	}
	if (ret == EXIT_OK) {
		ret = page_print(data, stdout) ? flush_output() :
			complain("out of memory");
	}
	json_decref(data);
	return ret;
}

/* ----------------------------- of living smbds --------------------------- */

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

static int print_now(const struct options *options, const char *directory,
		     struct page_source *source)
{
	struct latency_error error;
	json_t *data;
	int ret;

	if (!account_look(&source->account, directory, NULL, &error)) {
		return complain("%s", error.text);
	}
	data = page_source_json(source);
	if (data == NULL) {
		return complain("out of memory");
	}
	ret = page_events_now(options, directory, data);
	if (ret != EXIT_OK) {
		json_decref(data);
		return ret;
	}
	return print(options, source, data);
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
		ret = print_now(options, directory, &adding->source);
	} else {
		ret = complain("out of memory");
	}
	snapshot_free(baseline);
	snapshot_free(snapshot);
	return ret;
}

static int html_now(const struct options *options)
{
	struct adding adding = { .match.any = false };
	char directory[4096];
	int ret;

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

/* ----------------------------- of the history ---------------------------- */

static int html_past(const struct options *options)
{
	struct history_span span = { .intervals = 0 };
	struct page_source source;
	json_t *past = NULL, *data;
	int ret;

	ret = page_source_init(&source, &options->report.filter) ?
		page_past(options, &source, &span, &past) :
		complain("out of memory");
	if (ret == EXIT_OK) {
		data = page_source_json(&source);
		if (data == NULL) {
			ret = complain("out of memory");
		} else {
			json_object_update(data, past);
			ret = print(options, &source, data);
		}
	}
	json_decref(past);
	page_source_free(&source);
	history_span_free(&span);
	return ret;
}

/* ------------------------------- the command ----------------------------- */

static int complain_not_built(void)
{
	return complain("this program was built without the page: when it was "
			"configured, the libraries\nof the page could not be "
			"fetched. Install npm, then run:\n  ./configure "
			"--enable-page && make && make install");
}

int command_html(const struct options *options, const char *const *words)
{
	uint64_t past = GIVEN(OPTION_FROM) | GIVEN(OPTION_TO);

	(void)words;
	if (page_before[0] == '\0') {
		return complain_not_built();
	}
	if (isatty(1)) {
		return wrong_usage("html prints a whole file: add, for "
				   "example, >report.html");
	}
	if ((options->given & GIVEN(OPTION_DATABASE)) &&
	    !(options->given & past) && options->against == NULL) {
		return wrong_usage("--database goes with --from, --to or "
				   "--against");
	}
	return options->given & past ? html_past(options) : html_now(options);
}
