/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "against.h"
#include "columns.h"
#include "complain.h"
#include "database.h"
#include "history_span.h"
#include "report_against.h"
#include "report_read.h"
#include "show_report.h"

/* ------------------------------ the history ------------------------------ */

static int compare_span(const struct options *options, struct report *after,
			comparer compare, void *private_data)
{
	struct report *before = NULL;
	struct latency_error error;
	struct history_span span;
	struct history_db db;
	int ret;

	if (!database_open(options, &db)) {
		return EXIT_FAILED;
	}
	if (!history_span_read(&db, options->against_from_ns,
			       options->against_to_ns, true, &span, &error)) {
		history_db_close(&db);
		return complain("%s", error.text);
	}
	if (span.intervals == 0) {
		ret = complain("--against: nothing is recorded for that time; "
			       "'smblatency-stat history' says what is");
	} else {
		before = report_make(&options->report, span.later,
				     span.earlier);
		ret = before != NULL ?
			compare(options, before, after, private_data) :
			complain("out of memory");
	}
	report_free(before);
	history_span_free(&span);
	history_db_close(&db);
	return ret;
}

/* -------------------------------- a file --------------------------------- */

static int compare_file(const struct options *options, struct report *after,
			comparer compare, void *private_data)
{
	struct latency_error error;
	struct report_sum sum;
	int ret;

	if (!report_sum_init(&sum, &options->report)) {
		return complain("out of memory");
	}
	if (!report_sum_add(&sum, options->against, &error)) {
		ret = complain("%s", error.text);
	} else {
		report_sum_finish(&sum);
		ret = sum.report.options.by == options->report.by ?
			compare(options, &sum.report, after, private_data) :
			complain("%s: was not made with the same --by",
				 options->against);
	}
	report_sum_free(&sum);
	return ret;
}

int compare_with(const struct options *options, struct report *report,
		 comparer compare, void *private_data)
{
	return options->against_to_ns != 0 ?
		compare_span(options, report, compare, private_data) :
		compare_file(options, report, compare, private_data);
}

/* -------------------------------- to show -------------------------------- */

static int show(const struct options *options, struct report *before,
		struct report *after, void *private_data)
{
	bool ok;

	(void)private_data;
	switch (options->output) {
	case OUTPUT_JSON:
		ok = against_json(before, after, stdout);
		break;
	case OUTPUT_FOLDED:
		ok = against_folded(before, after, stdout);
		break;
	default:
		ok = against_text(before, after, stdout,
				  terminal_width(stdout));
		break;
	}
	return ok ? flush_output() : complain("out of memory");
}

int show_or_compare(const struct options *options, struct report *report)
{
	return options->against == NULL ? show_report(options, report) :
		compare_with(options, report, show, NULL);
}
