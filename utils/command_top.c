/*
 * The busiest of all there is, on a full screen, or with -b as text.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "directory.h"
#include "no_match.h"
#include "pid_word.h"
#include "terminal.h"
#include "terminal_input.h"
#include "time_ns.h"
#include "top_keys.h"
#include "top_session.h"
#include "waiting.h"

#define INTERVAL_DEFAULT 3.0		/* seconds, as top(1) */
#define FIRST_NS 1000000000u		/* of the first one, at most */

struct top {
	const struct options *options;
	char directory[4096];
	struct top_session session;
	uint64_t step_ns;
	uint64_t due_ns;		/* next reading; CLOCK_MONOTONIC */
	unsigned long shown;		/* intervals */
};

/* -------------------------------- the options ---------------------------- */

/* The list, or the process, that the words name. */
static int parse_words(struct top *t, const char *const *words)
{
	enum top_view view = TOP_REQUEST;
	char all[128] = "";
	unsigned v;

	if (words[0] != NULL && !isdigit((unsigned char)words[0][0])) {
		view = top_view_of(words[0]);
		words++;
	}
	for (v = 0; v < TOP_VIEWS; v++) {
		size_t length = strlen(all);

		snprintf(all + length, sizeof(all) - length, "%s%s",
			 v == 0 ? "" : v + 1 == TOP_VIEWS ? " or " : ", ",
			 top_view_row((enum top_view)v)->word);
	}
	if (view == TOP_VIEWS) {
		return wrong_usage("top lists %s, not '%s'", all, words[-1]);
	}
	top_model_init(&t->session.model, view);
	return pid_word_parse(words, &t->session.filter.pid);
}

static int parse_sort(struct top *t)
{
	const char *word = t->options->sort;
	struct top_model *m = &t->session.model;
	enum top_kind kind = top_view_row(top_level(m)->view)->kind;
	unsigned count = top_column_count(kind), c;
	char all[128] = "";

	if (word == NULL) {
		return EXIT_OK;
	}
	for (c = 0; c < count; c++) {
		size_t length = strlen(all);

		snprintf(all + length, sizeof(all) - length, "%s%s",
			 c == 0 ? "" : c + 1 == count ? " or " : ", ",
			 top_columns(kind)[c].word);
	}
	m->sort[kind] = top_column_of(kind, word);
	return m->sort[kind] < count ? EXIT_OK :
		wrong_usage("--sort takes %s, not '%s'", all, word);
}

static int parse(struct top *t, const char *const *words)
{
	const struct options *o = t->options;
	double seconds = o->given & GIVEN(OPTION_INTERVAL) ? o->interval :
		INTERVAL_DEFAULT;
	int ret;

	t->session.filter = o->report.filter;
	t->step_ns = (uint64_t)(seconds * 1e9);
	ret = parse_words(t, words);
	t->session.model.total = (o->given & GIVEN(OPTION_TOTAL)) != 0;
	return ret != EXIT_OK ? ret : parse_sort(t);
}

/* ------------------------------- the beginning --------------------------- */

/* What matches nothing now may do so later. */
static void say_if_none_matches(const struct top *t)
{
	const struct snapshot *s = t->session.reading.last;
	struct filter_match match = { .any = false };
	unsigned i;

	for (i = 0; i < s->image_count; i++) {
		filter_match_add(&match, &t->session.filter, &s->images[i]);
	}
	if (filter_match_failed(&match, &t->session.filter)) {
		complain_no_match(&t->session.filter, &match);
	}
	filter_match_free(&match);
}

static int begin(struct top *t)
{
	struct top_session *s = &t->session;

	if (!directory_find(t->options, t->directory, sizeof(t->directory))) {
		return EXIT_FAILED;
	}
	s->reading.directory = t->directory;
	if (!top_session_read(s)) {
		return complain("%s", s->problem.text);
	}
	if (s->reading.last->image_count == 0 &&
	    s->reading.last->problem_count == 0) {
		directory_explain_empty(t->directory, t->options);
		return EXIT_FAILED;
	}
	t->due_ns = s->reading.last->taken_monotonic_ns;
	say_if_none_matches(t);
	return EXIT_OK;
}

/* The next reading: those that were missed are left out. */
static void set_due(struct top *t)
{
	uint64_t now_ns = clock_read_ns(CLOCK_MONOTONIC);

	t->due_ns += t->step_ns;
	if (t->due_ns < now_ns) {
		t->due_ns += (now_ns - t->due_ns) / t->step_ns * t->step_ns;
	}
}

/* --------------------------------- as text ------------------------------- */

static int print(struct top *t)
{
	const struct options *o = t->options;
	const struct top_paper paper = {
		.width = terminal_width(stdout),
		.rows = o->given & GIVEN(OPTION_TOP) ? o->top : 0,
		.ascii = !terminal_is_utf8(),
		.still = true,
	};
	char *text = top_session_draw(&t->session, &paper);
	struct frame frame;
	unsigned i;

	if (text == NULL || !frame_make(&frame, text, paper.width, 0,
					paper.ascii)) {
		return complain("out of memory");
	}
	if (t->shown != 0) {
		putchar('\n');
	}
	for (i = 0; i < frame.count; i++) {
		const char *c;

		for (c = frame.line[i]; *c != '\0'; c++) {
			if ((unsigned char)*c >= STYLES) {
				putchar(*c);
			}
		}
		putchar('\n');
	}
	frame_free(&frame);
	free(text);
	t->shown++;
	return flush_output();
}

static int run_as_text(struct top *t)
{
	struct top_session *s = &t->session;
	int ret = EXIT_OK;

	catch_signals();
	print_problems(s->reading.last);
	if (s->model.total) {
		ret = print(t);
	}
	while (ret == EXIT_OK &&
	       (t->options->count == 0 || t->shown < t->options->count)) {
		set_due(t);
		if (wait_until(t->due_ns)) {
			break;
		}
		if (!top_session_read(s)) {
			return complain("%s", s->problem.text);
		}
		ret = print(t);
	}
	return ret;
}

/* ------------------------------ on the screen ---------------------------- */

/* Returns false if there is no terminal any more. */
static bool show(struct top *t)
{
	struct top_paper paper = { .ascii = !terminal_is_utf8() };
	struct frame frame;
	char *text;
	bool ok;

	terminal_size(&paper.width, &paper.height);
	text = top_session_draw(&t->session, &paper);
	if (text == NULL) {
		return true;	/* the next one may find memory */
	}
	ok = frame_make(&frame, text, paper.width, paper.height, paper.ascii);
	free(text);
	if (!ok) {
		frame_free(&frame);
		return true;
	}
	return terminal_show(&frame);
}

/* The time has come. Returns false if it was the last one. */
static bool next(struct top *t)
{
	struct top_session *s = &t->session;

	set_due(t);
	if (!s->model.paused) {
		/* What went wrong is shown, and may go better next time. */
		(void)top_session_read(s);
		t->shown++;
	}
	return show(t) &&
		(t->options->count == 0 || t->shown < t->options->count);
}

/* Does what all keys that wait are for. Returns false at the end. */
static bool keys(struct top *t)
{
	enum top_need most = TOP_NEED_NOTHING;
	int key;

	while ((key = terminal_key()) != TOP_KEY_NONE) {
		enum top_need need = top_session_key(&t->session, key);

		most = need > most ? need : most;
	}
	return most != TOP_NEED_END &&
		(most == TOP_NEED_NOTHING || show(t));
}

static int run_on_screen(struct top *t)
{
	struct latency_error error;
	bool go_on;

	if (!terminal_open(&error)) {
		return complain("%s: see smblatency-stat top --batch",
				error.text);
	}
	/* So soon is there an interval. */
	t->due_ns += t->step_ns < FIRST_NS ? t->step_ns : FIRST_NS;
	go_on = show(t);
	while (go_on) {
		switch (terminal_wait(t->due_ns)) {
		case TERMINAL_TIME:
			go_on = next(t);
			break;
		case TERMINAL_KEY:
			go_on = keys(t);
			break;
		case TERMINAL_DRAW:
			go_on = show(t);
			break;
		case TERMINAL_END:
			go_on = false;
			break;
		}
	}
	terminal_close();
	return EXIT_OK;
}

int command_top(const struct options *options, const char *const *words)
{
	static struct top t;
	int ret;

	t.options = options;
	ret = parse(&t, words);
	if (ret == EXIT_OK) {
		ret = begin(&t);
	}
	if (ret == EXIT_OK) {
		ret = options->given & GIVEN(OPTION_BATCH) ? run_as_text(&t) :
			run_on_screen(&t);
	}
	top_session_free(&t.session);
	return ret;
}
