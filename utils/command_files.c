/*
 * Which files, or directories, the requests were for.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdlib.h>

#include "commands.h"
#include "database.h"
#include "directory.h"
#include "history_files.h"
#include "history_span.h"
#include "hot_files.h"
#include "hot_files_json.h"
#include "hot_files_text.h"
#include "pid_word.h"
#include "time_ns.h"
#include "waiting.h"

/* ------------------------------ for programs ----------------------------- */

/* span: of the past, or NULL. */
static void print_json(const struct options *o, const struct hot_files *f,
		       const struct history_files_span *span)
{
	json_t *object = hot_files_json(f, o->given & GIVEN(OPTION_TOP) ?
					hot_files_shown(o, f) : f->count);

	if (span != NULL) {
		json_object_set_new(object, "since",
				    json_timestamp(span->begin_ns));
	}
	json_object_set_new(object, "timestamp", json_timestamp(
		span != NULL ? span->end_ns : clock_read_ns(CLOCK_REALTIME)));
	json_object_set_new(object, "interval", json_boolean(
		span != NULL || o->interval != 0));
	json_print(object, stdout);
}

/* ------------------------------- the command ----------------------------- */

static int read_files(const struct options *o, const char *directory,
		      const struct filter *filter, bool since_reset,
		      struct hot_files *files)
{
	struct latency_error error;

	if (!hot_files_read(directory, filter, o->report.by, since_reset, files,
			    &error)) {
		return directory_failed(directory, o, &error);
	}
	print_left_out(files->problems, files->problem_count);
	return EXIT_OK;
}

static int print_files(const struct options *o, struct hot_files *files,
		       const struct history_files_span *span)
{
	char from[TIME_SHOWN], to[TIME_SHOWN];

	if ((o->given & GIVEN(OPTION_DIRS)) != 0 &&
	    !hot_files_to_dirs(files, o->depth)) {
		return complain("out of memory");
	}
	hot_files_sort(files, o->sort_figure);
	if (o->output == OUTPUT_JSON) {
		print_json(o, files, span);
	} else {
		if (span != NULL) {
			printf("From %s to %s\n",
			       time_show(span->begin_ns, from),
			       time_show(span->end_ns, to));
		}
		hot_files_text(o, files);
	}
	return flush_output();
}

static int print_once(const struct options *o, const char *directory,
		      const struct filter *filter)
{
	struct hot_files files;
	int ret = read_files(o, directory, filter, true, &files);

	if (ret == EXIT_OK) {
		ret = print_files(o, &files, NULL);
		hot_files_free(&files);
	}
	return ret;
}

static int print_interval(const struct options *o, const char *directory,
			  const struct filter *filter,
			  struct hot_files *earlier)
{
	struct hot_files files, next;
	int ret = read_files(o, directory, filter, false, &next);

	if (ret != EXIT_OK) {
		return ret;
	}
	/* It is needed whole in the next interval. */
	if (!hot_files_copy(&next, &files)) {
		ret = complain("out of memory");
	} else {
		hot_files_subtract(&files, earlier);
		ret = print_files(o, &files, NULL);
		hot_files_free(&files);
	}
	hot_files_free(earlier);
	*earlier = next;
	return ret;
}

static int repeat(const struct options *o, const char *directory,
		  const struct filter *filter)
{
	const uint64_t step = (uint64_t)(o->interval * 1e9);
	uint64_t due = clock_read_ns(CLOCK_MONOTONIC) + step;
	struct hot_files earlier;
	unsigned long n;
	int ret = read_files(o, directory, filter, false, &earlier);

	if (ret != EXIT_OK) {
		return ret;
	}
	catch_signals();
	for (n = 1; ret == EXIT_OK && !wait_until(due); n++) {
		if (n != 1 && o->output == OUTPUT_TEXT) {
			putchar('\n');
		}
		ret = print_interval(o, directory, filter, &earlier);
		due += step;
		if (n == o->count) {
			break;
		}
	}
	hot_files_free(&earlier);
	return ret;
}

static int files_past(const struct options *o, struct history_db *db)
{
	struct history_files_span span;
	uint64_t begin_ns, end_ns;
	struct latency_error error;
	struct hot_files files;
	int ret;

	if (!history_extent(db, &begin_ns, &end_ns, &error) ||
	    !history_files_read(db, o->from_ns, o->to_ns, &o->report.filter,
				o->report.by, &files, &span, &error)) {
		return complain("%s", error.text);
	}
	if (span.steps != 0) {
		ret = print_files(o, &files, &span);
	} else if (o->from_ns >= end_ns || o->to_ns <= begin_ns) {
		ret = database_has_not(o, db);
	} else {
		ret = complain("of that time no files are recorded (yet): they "
			       "are by longer intervals, see docs/history.md");
	}
	hot_files_free(&files);
	return ret;
}

static int print_past(const struct options *o, uint32_t pid)
{
	struct history_db db;
	int ret = past_check(o, TAKES_INTERVALS);

	if (ret == EXIT_OK && pid != 0) {
		ret = wrong_usage("the history does not tell processes apart");
	}
	if (ret != EXIT_OK) {
		return ret;
	}
	if (!database_open(o, &db)) {
		return EXIT_FAILED;
	}
	ret = files_past(o, &db);
	history_db_close(&db);
	return ret;
}

int command_files(const struct options *o, const char *const *words)
{
	const unsigned may = BY(BY_SHARE) | BY(BY_USER) | BY(BY_CLIENT);
	struct filter filter = o->report.filter;
	char directory[4096];
	int ret = pid_word_parse(words, &filter.pid);

	if (ret != EXIT_OK) {
		return ret;
	}
	if (o->sort_figure == HOT_FIGURE_END) {
		return wrong_usage("--sort takes time, requests, errors, read "
				   "or written, not '%s'", o->sort);
	}
	if ((o->report.by & ~may) != 0) {
		return wrong_usage("files are listed by share, and with --by "
				   "also by user or client");
	}
	if (o->given & TAKES_PAST) {
		return print_past(o, filter.pid);
	}
	if (!directory_find(o, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	return o->interval != 0 ? repeat(o, directory, &filter) :
		print_once(o, directory, &filter);
}
