/*
 * The slow operations and requests: what took longer than latency:slow
 * threshold.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "columns.h"
#include "commands.h"
#include "database.h"
#include "directory.h"
#include "escape.h"
#include "history_slow.h"
#include "history_span.h"
#include "slow_op_json.h"
#include "slow_under_way.h"
#include "time_ns.h"
#include "waiting.h"

#define POLL_NS 250000000u
#define UNDER_WAY_POLLS 2	/* all of a segment is read for that */
#define LINE 2048

/* ------------------------------- for people ------------------------------ */

/* Prints a line, cut to `width` columns unless that is 0. */
static void print_line(char *line, unsigned width)
{
	if (width != 0) {
		text_cut(line, width);
	}
	puts(line);
}

/*
 * "openat in create_file", of the ops around it those that are no upper layer
 * of the op before.
 */
static void op_in_ops(const struct slow_op *op, char *text, size_t size)
{
	const char *before = op->op;
	unsigned i;

	snprintf(text, size, "%s", op->op);
	for (i = 0; i < op->around_count; i++) {
		size_t length = strlen(text);

		if (strcmp(op->around[i].op, before) != 0) {
			snprintf(text + length, size - length, " in %s",
				 op->around[i].op);
		}
		before = op->around[i].op;
	}
}

/* What was slow, and how it ended. */
static void what_text(const struct slow_op *op, const char *layer, char *text,
		      size_t size)
{
	char number[ERROR_NUMBER], ops[LINE / 2];

	if (!op->is_request) {
		op_in_ops(op, ops, sizeof(ops));
		snprintf(text, size, "%s (%s): %s", ops, layer,
			 slow_op_result(op, number));
		return;
	}
	snprintf(text, size, "%s: %s", op->request, slow_op_result(op, number));
	if (op->pending_ns != 0) {
		snprintf(text + strlen(text), size - strlen(text),
			 ", pending for %.3f ms",
			 (double)op->pending_ns / 1e6);
	}
	if (op->vfs_ns != 0) {
		snprintf(text + strlen(text), size - strlen(text),
			 ", in VFS calls for %.3f ms",
			 (double)op->vfs_ns / 1e6);
	}
}

static void print_text(const struct slow_op *op, unsigned width)
{
	time_t seconds = (time_t)(op->realtime_ns / 1000000000u);
	char *share = escape_text(op->key.share);
	char *user = escape_text(op->key.user);
	char *path = escape_text(op->path), *layer = escape_text(op->layer);
	char line[LINE], what[LINE / 2], process[32] = "departed";
	struct tm tm;

	if (share == NULL || user == NULL || path == NULL || layer == NULL) {
		goto out;
	}
	localtime_r(&seconds, &tm);
	strftime(line, sizeof(line), "%Y-%m-%d %H:%M:%S", &tm);
	printf("%s.%03u ", line, (unsigned)(op->realtime_ns / 1000000 % 1000));
	what_text(op, layer, what, sizeof(what));
	snprintf(line, sizeof(line), "%10.3f ms  %s",
		 (double)op->duration_ns / 1e6, what);
	print_line(line, width != 0 ? less(width, 24, 10) : 0);
	if (op->pid != 0) {
		snprintf(process, sizeof(process), "%u", op->pid);
	}
	snprintf(line, sizeof(line), "    %s of %s@%s on %s, smbd %s",
		 op->request, user, op->key.client, share, process);
	print_line(line, width);
	/* The file's name tells more than the directories before it. */
	if (width != 0) {
		text_cut_front(path, less(width, 4, 10));
	}
	printf("    %s\n", path[0] != '\0' ? path : "-");
out:
	free(share);
	free(user);
	free(path);
	free(layer);
}

/* ------------------------------- the command ----------------------------- */

/* How ops are printed, and how many were. */
struct printing {
	const struct options *options;
	unsigned width;			/* 0: whole lines */
	unsigned count;
};

static bool print_op(void *private_data, const struct slow_op *op)
{
	struct printing *p = private_data;

	if (p->options->output == OUTPUT_JSON) {
		json_print(slow_op_json(op), stdout);
	} else {
		print_text(op, p->width);
	}
	p->count++;
	return !ferror(stdout);
}

static struct printing printing_for(const struct options *options)
{
	return (struct printing){
		.options = options,
		.width = isatty(1) ? terminal_width(stdout) : 0,
	};
}

static int print_all(const struct options *options,
		     const struct slow_op_list *list)
{
	struct printing p = printing_for(options);
	unsigned i;

	for (i = 0; i < list->count; i++) {
		print_op(&p, &list->ops[i]);
	}
	return flush_output();
}

/* *count is how many there were; there: is there a directory? */
static int print_new(const struct options *options, const char *directory,
		     struct slow_ops_seen *seen, unsigned *count, bool *there)
{
	struct slow_op_list list;
	struct latency_error error;
	int ret;

	*there = true;
	if (!slow_ops_read(directory, &options->report.filter, seen, &list,
			   &error)) {
		/* Who follows may have come before the first client. */
		*there = errno != ENOENT;
		return *there ? complain("%s", error.text) : EXIT_OK;
	}
	*count = list.count;
	ret = print_all(options, &list);
	slow_ops_free(&list);
	return ret;
}

/* What is slow already, and has not been told yet. */
static int print_under_way(const struct options *options,
			   const char *directory,
			   struct slow_under_way *under_way)
{
	struct slow_op_list list;
	int ret;

	if (!slow_under_way_read(under_way, directory,
				 &options->report.filter, &list)) {
		return EXIT_OK;
	}
	ret = print_all(options, &list);
	slow_ops_free(&list);
	return ret;
}

static int follow(const struct options *options, const char *directory,
		  struct slow_ops_seen *seen)
{
	struct slow_under_way under_way;
	unsigned count, n;
	bool there;
	int ret = EXIT_OK;

	slow_under_way_begin(&under_way, options->configfile);
	catch_signals();
	for (n = 1; ret == EXIT_OK; n++) {
		if (wait_until(clock_read_ns(CLOCK_MONOTONIC) + POLL_NS)) {
			break;
		}
		ret = print_new(options, directory, seen, &count, &there);
		if (ret == EXIT_OK && n % UNDER_WAY_POLLS == 0) {
			ret = print_under_way(options, directory, &under_way);
		}
	}
	slow_under_way_end(&under_way);
	return ret;
}

static void say_there_is_none(const struct filter *f)
{
	if (f->share != NULL || f->user != NULL || f->client != NULL) {
		complain("no slow operation matches that share, user or "
			 "client");
		return;
	}
	complain("no slow operation: set \"latency:slow threshold\" in "
		 "smb.conf, or use\nsmblatency-stat all threshold "
		 "MILLISECONDS");
}

/* Those that the recorder has kept. */
static int print_past(const struct options *options)
{
	struct printing p = printing_for(options);
	uint64_t begin_ns, end_ns;
	struct latency_error error;
	struct history_db db;
	int ret = EXIT_OK;

	if (!database_open(options, &db)) {
		return EXIT_FAILED;
	}
	if (!history_extent(&db, &begin_ns, &end_ns, &error) ||
	    !history_slow_visit(&db, options->from_ns, options->to_ns,
				&options->report.filter, print_op, &p,
				&error)) {
		ret = complain("%s", error.text);
	} else if (p.count == 0 && (options->from_ns >= end_ns ||
				    options->to_ns <= begin_ns)) {
		ret = database_has_not(options, &db);
	} else if (p.count == 0 && options->output == OUTPUT_TEXT) {
		complain("no slow operation was recorded at that time");
	}
	history_db_close(&db);
	return ret == EXIT_OK ? flush_output() : ret;
}

int command_slow(const struct options *options, const char *const *words)
{
	struct slow_ops_seen seen = { .count = 0 };
	char directory[4096];
	unsigned count = 0;
	bool there;
	int ret;

	(void)words;
	if (options->given & TAKES_PAST) {
		ret = past_check(options, GIVEN(OPTION_FOLLOW));
		return ret == EXIT_OK ? print_past(options) : ret;
	}
	if (!directory_find(options, directory, sizeof(directory))) {
		return EXIT_FAILED;
	}
	ret = print_new(options, directory, &seen, &count, &there);
	if (ret == EXIT_OK && (options->given & GIVEN(OPTION_FOLLOW))) {
		ret = follow(options, directory, &seen);
	} else if (!there) {
		directory_explain_empty(directory, options);
		ret = EXIT_FAILED;
	} else if (ret == EXIT_OK && count == 0 &&
		   options->output == OUTPUT_TEXT) {
		say_there_is_none(&options->report.filter);
	}
	slow_ops_forget(&seen);
	return ret;
}
