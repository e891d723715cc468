/*
 * The recorder: writes what happens into the history, interval by interval.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "directory.h"
#include "history_file_record.h"
#include "history_record.h"
#include "time_ns.h"
#include "waiting.h"

#define INTERVAL_DEFAULT 10.0	/* seconds */

struct recording {
	const struct options *options;
	char directory[4096];
	struct history_recorder recorder;
	struct history_file_recorder files;
	struct slow_ops_seen seen;
	uint64_t step_ns;
	char said[sizeof(((struct latency_error *)NULL)->text)];
	bool failed;			/* the last one was not recorded */
};

/* Says it, unless it was said last. */
static void say(struct recording *r, const char *text)
{
	if (strcmp(r->said, text) != 0) {
		complain("%s", text);
		snprintf(r->said, sizeof(r->said), "%s", text);
	}
}

static struct snapshot *take(struct recording *r)
{
	struct latency_error error = { .text = "out of memory" };
	struct snapshot *s = snapshot_take(r->directory, &error);

	if (s == NULL && errno == ENOENT) {
		s = snapshot_of_nothing();
	}
	if (s == NULL) {
		say(r, error.text);
	} else {
		print_problems(s);
	}
	return s;
}

/* A time of day may come twice then: it is in two intervals. */
static void say_if_set_back(const struct recording *r,
			    const struct snapshot *s)
{
	uint64_t last = r->recorder.last_ns;

	if (r->recorder.last != NULL && s->taken_realtime_ns < last) {
		complain("the clock was set back by %.0f s: reports on that "
			 "time include both what came before and what came "
			 "after",
			 (double)(last - s->taken_realtime_ns) / 1e9);
	}
}

/* Records what there was since the last time. False: there is no use in it. */
static bool record(struct recording *r)
{
	const struct filter all = { .pid = 0 };
	struct snapshot *s = take(r);
	struct slow_op_list slow = { .count = 0 };
	struct latency_error error;
	enum history_recorded done;

	if (s == NULL) {
		return true;
	}
	say_if_set_back(r, s);
	/* What is missed now is found the next time. */
	slow_ops_read(r->directory, &all, &r->seen, &slow, &error);
	done = history_record(&r->recorder, s, &slow, &error);
	slow_ops_free(&slow);
	switch (done) {
	case RECORD_BROKEN:
		complain("%s", error.text);
		return false;
	case RECORD_FAILED:
		/* Nor were the slow ops. */
		slow_ops_forget(&r->seen);
		say(r, error.text);
		r->failed = true;
		return true;
	default:
		break;
	}
	if (r->failed) {
		say(r, "recording again: what was missed is in one longer "
		    "interval");
		r->failed = false;
	}
	return true;
}

/* What cannot be recorded now is in the next step. */
static void record_files(struct recording *r, bool ends)
{
	struct latency_error error;

	if (!history_file_record(&r->files, &r->recorder.db, r->directory,
				 ends, &error)) {
		say(r, error.text);
	}
}

/* The next whole number of intervals since the epoch: 14:00:00, 14:00:10. */
static uint64_t next_due(const struct recording *r)
{
	uint64_t now = clock_read_ns(CLOCK_REALTIME);

	return clock_read_ns(CLOCK_MONOTONIC) + r->step_ns - now % r->step_ns;
}

static int run(struct recording *r)
{
	const struct options *o = r->options;
	unsigned long count = 0;
	bool ended = false;

	/* What a recorder before this one has missed, or where we begin. */
	if (!record(r)) {
		return EXIT_FAILED;
	}
	record_files(r, false);
	while (!ended && (o->count == 0 || count < o->count)) {
		/* Told to end, it still records what there was since. */
		ended = wait_until(next_due(r));
		if (!record(r)) {
			return EXIT_FAILED;
		}
		count++;
		record_files(r, ended || count == o->count);
	}
	return EXIT_OK;
}

int command_record(const struct options *options, const char *const *words)
{
	struct recording r = { .options = options };
	double interval = options->given & GIVEN(OPTION_INTERVAL) ?
		options->interval : INTERVAL_DEFAULT;
	struct history_keep keep;
	struct latency_error error;
	int ret;

	(void)words;
	r.step_ns = (uint64_t)(interval * 1e9);
	if (!history_keep_parse(options->keep, r.step_ns, &keep, &error)) {
		return wrong_usage("%s", error.text);
	}
	if (!directory_find(options, r.directory, sizeof(r.directory))) {
		return EXIT_FAILED;
	}
	catch_signals();
	if (!history_record_open(&r.recorder, options->database, &keep,
				 &error)) {
		return complain("%s", error.text);
	}
	history_file_record_begin(&r.files, &keep);
	printf("recording every %g s to %s\n", interval, options->database);
	ret = flush_output();
	if (ret == EXIT_OK) {
		ret = run(&r);
	}
	if (!history_record_close(&r.recorder, &error) && ret == EXIT_OK) {
		ret = complain("%s", error.text);
	}
	history_file_record_end(&r.files);
	slow_ops_forget(&r.seen);
	return ret;
}
