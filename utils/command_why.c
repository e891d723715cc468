/*
 * The diagnosis in plain words.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "account_look.h"
#include "commands.h"
#include "diagnosis.h"
#include "database.h"
#include "directory.h"
#include "history_span.h"
#include "no_match.h"
#include "since_reset.h"
#include "time_ns.h"
#include "waiting.h"
#include "why_json.h"
#include "wrapped.h"

/* ------------------------------- for people ------------------------------ */

static void print_finding(const struct finding *f, unsigned number,
			  unsigned width)
{
	char text[1024], page[WHY_PAGE];

	why_page(f, page);
	snprintf(text, sizeof(text), "%u. %s: %s of the clients' time (%s)",
		 number, f->cause->title, f->figure[f->figures - 1].text,
		 confidence_name(f->confidence));
	print_wrapped(text, 0, 3, width);
	printf("   ");
	print_wrapped(f->evidence, 3, 3, width);
	snprintf(text, sizeof(text), "Do: %s. See '%s', and %s in the guide",
		 f->cause->advice, f->command, strchr(page, '#') + 1);
	printf("   ");
	print_wrapped(text, 3, 3, width);
}

static void print_text(const struct account *a, const struct diagnosis *d,
		       bool past)
{
	unsigned width = wrapped_width(), i;
	char text[256];

	print_wrapped(d->verdict, 0, 0, width);
	snprintf(text, sizeof(text), "(%s in %.1f s; %u smbd process%s %s, "
		 "%llu departed)", a->report->interval ? "Looked at" :
		 "Counted", (double)a->report->running_for_ns / 1e9,
		 a->report->coverage.processes,
		 a->report->coverage.processes == 1 ? "" : "es",
		 past ? "at the end" : "now",
		 (unsigned long long)a->report->coverage.departed);
	print_wrapped(text, 0, 1, width);
	for (i = 0; i < d->findings; i++) {
		if (i == 0 || i == d->main) {
			puts(i < d->main ? "" : d->main != 0 ?
			     "\nSmaller causes:" :
			     "\nVisible, but not worth a change:");
		}
		print_finding(&d->finding[i], i + 1, width);
	}
}

/* ------------------------------- the command ----------------------------- */

/* What a snapshot is added to. */
struct adding {
	struct account account;
	struct filter_match match;
	struct hot_files files_before;	/* of an interval, at its beginning */
};

static bool add(const struct snapshot *snapshot, struct segment_image *image,
		void *private_data)
{
	struct adding *adding = private_data;

	(void)snapshot;
	filter_match_add(&adding->match,
			 &adding->account.report->options.filter, image);
	return account_add(&adding->account, image);
}

/* directory: NULL if it is about the past. */
static int show(const struct options *options, const char *directory,
		struct adding *adding)
{
	struct account *a = &adding->account;
	struct latency_error error;
	static struct diagnosis d;
	bool ok = true;

	if (directory != NULL &&
	    !account_look(a, directory, &adding->files_before, &error)) {
		return complain("%s", error.text);
	}
	diagnose(a, &d);
	if (options->output == OUTPUT_JSON) {
		ok = json_print(why_json(a, &d), stdout);
	} else {
		print_text(a, &d, directory == NULL);
	}
	return ok ? flush_output() : complain("out of memory");
}

/* earlier: what to take away, NULL: what was counted before a reset. */
static int why(const struct options *options, const char *directory,
	       struct adding *adding, struct snapshot *earlier)
{
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
	if (adding->account.report->coverage.since_realtime_ns == UINT64_MAX &&
	    snapshot->problem_count == 0) {
		directory_explain_empty(directory, options);
		ret = EXIT_FAILED;
	} else if (filter_match_failed(&adding->match,
				       &options->report.filter)) {
		ret = complain_no_match(&options->report.filter,
					&adding->match);
	} else if (account_finish(&adding->account, snapshot, earlier != NULL ?
				  earlier : baseline)) {
		ret = show(options, directory, adding);
	} else {
		ret = complain("out of memory");
	}
	snapshot_free(baseline);
	snapshot_free(snapshot);
	return ret;
}

/* Of a span that is recorded. */
static int why_then(const struct options *options,
		    const struct history_span *span, struct adding *adding)
{
	struct snapshot *s = span->later;
	unsigned i;

	for (i = 0; i < s->image_count; i++) {
		if (!add(s, &s->images[i], adding)) {
			return complain("out of memory");
		}
	}
	if (filter_match_failed(&adding->match, &options->report.filter)) {
		return complain_no_match(&options->report.filter,
					 &adding->match);
	}
	if (!account_finish(&adding->account, s, span->earlier)) {
		return complain("out of memory");
	}
	history_span_end(span, &adding->account.report->coverage);
	return show(options, NULL, adding);
}

static int why_past(const struct options *options, struct adding *adding)
{
	struct history_span span;
	struct latency_error error;
	struct history_db db;
	int ret = past_check(options, GIVEN(OPTION_INTERVAL));

	if (ret != EXIT_OK) {
		return ret;
	}
	if (!database_open(options, &db)) {
		return EXIT_FAILED;
	}
	if (!history_span_read(&db, options->from_ns, options->to_ns, true,
			       &span, &error)) {
		ret = complain("%s", error.text);
	} else if (span.intervals == 0) {
		ret = database_has_not(options, &db);
	} else {
		ret = why_then(options, &span, adding);
		history_span_free(&span);
	}
	history_db_close(&db);
	return ret;
}

/* The snapshot at the beginning of the interval; NULL after a message. */
static struct snapshot *wait_interval(const struct options *options,
				      const char *directory,
				      struct hot_files *files)
{
	struct latency_error error;
	struct snapshot *earlier = snapshot_take(directory, &error);

	if (earlier == NULL ||
	    !account_look_before(directory, &options->report.filter, files,
				 &error)) {
		directory_failed(directory, options, &error);
		snapshot_free(earlier);
		return NULL;
	}
	catch_signals();
	wait_until(earlier->taken_monotonic_ns +
		   (uint64_t)(options->interval * 1e9));
	return earlier;
}

int command_why(const struct options *options, const char *const *words)
{
	struct adding adding = { .match.any = false };
	struct snapshot *earlier = NULL;
	char directory[4096];
	bool past = (options->given & TAKES_PAST) != 0;
	int ret;

	(void)words;
	if (!past && !directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	if (!past && options->interval != 0) {
		earlier = wait_interval(options, directory,
					&adding.files_before);
		if (earlier == NULL) {
			return EXIT_FAILED;
		}
	}
	if (!account_init(&adding.account, &options->report.filter)) {
		ret = complain("out of memory");
	} else if (past) {
		ret = why_past(options, &adding);
	} else {
		ret = why(options, directory, &adding, earlier);
	}
	account_free(&adding.account);
	filter_match_free(&adding.match);
	hot_files_free(&adding.files_before);
	snapshot_free(earlier);
	return ret;
}
