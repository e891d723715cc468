/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "coverage.h"
#include "top_rows.h"
#include "top_session.h"

/* --------------------------------- reading ------------------------------- */

/* What is wanted, of the options and of the way. */
static struct filter wanted(const struct top_session *s)
{
	struct filter filter = s->filter;

	top_model_filter(&s->model, &filter);
	return filter;
}

/* What a list needs beside the snapshot. */
static bool read_rest(struct top_session *s)
{
	const struct filter filter = wanted(s);

	switch (top_view_row(top_level(&s->model)->view)->kind) {
	case TOP_FILES:
		return top_reading_files(&s->reading, &filter, &s->problem);
	case TOP_FLIGHTS:
		return top_reading_flights(&s->reading, &filter, &s->problem);
	default:
		return true;
	}
}

static bool make_rows(struct top_session *s)
{
	top_sheet_free(&s->sheet);
	if (!top_rows_make(&s->sheet, &s->model, &s->reading, &s->filter,
			   &s->all)) {
		error_set(&s->problem, "out of memory");
		return false;
	}
	top_model_settle(&s->model, &s->sheet);
	return true;
}

bool top_session_read(struct top_session *s)
{
	s->problem.text[0] = '\0';
	if (!top_reading_take(&s->reading, &s->problem) || !read_rest(s) ||
	    !make_rows(s)) {
		return false;
	}
	if (s->sheet.kind == TOP_GROUPS && s->sheet.rates) {
		top_past_add(&s->past[s->model.depth], &s->all,
			     top_reading_interval_ns(&s->reading),
			     s->reading.last->taken_monotonic_ns);
	}
	return true;
}

enum top_need top_session_key(struct top_session *s, int key)
{
	const enum top_view view = top_level(&s->model)->view;
	const unsigned depth = s->model.depth;
	enum top_need need = top_model_key(&s->model, key, &s->sheet);

	if (view != top_level(&s->model)->view || depth != s->model.depth) {
		/* They were of another filter, or are not looked at. */
		top_reading_forget_files(&s->reading);
		read_rest(s);
		/* Going back, what was seen before stays. */
		if (s->model.depth >= depth) {
			top_past_clear(&s->past[s->model.depth]);
		}
	}
	if (need == TOP_NEED_ROWS) {
		make_rows(s);
	}
	return need;
}

void top_session_free(struct top_session *s)
{
	top_sheet_free(&s->sheet);
	top_reading_free(&s->reading);
	top_model_free(&s->model);
}

/* ---------------------------------- showing ------------------------------ */

static const char *note(const struct top_session *s)
{
	const struct snapshot *last = s->reading.last;

	return s->problem.text[0] != '\0' ? s->problem.text :
		last->problem_count != 0 ? last->problems[0].text : NULL;
}

static bool shows_total(const struct top_session *s)
{
	return s->model.total || s->reading.before == NULL;
}

static void make_picture(const struct top_session *s, struct top_picture *p)
{
	const struct top_reading *r = &s->reading;
	const bool total = shows_total(s);
	const struct filter filter = wanted(s);
	struct coverage coverage;
	unsigned i;

	coverage_init(&coverage);
	for (i = 0; i < r->last->image_count; i++) {
		coverage_add(&coverage, &r->last->images[i], &filter);
	}
	memset(p, 0, sizeof(*p));
	p->realtime_ns = r->last->taken_realtime_ns;
	p->interval_ns = total ? 0 : top_reading_interval_ns(r);
	p->since_realtime_ns = r->baseline != NULL ?
		baseline_since(r->last, r->baseline, &filter) :
		coverage.since_realtime_ns;
	p->processes = coverage.processes;
	p->connected = coverage.connected;
	p->sheet = &s->sheet;
	p->past = s->sheet.kind == TOP_GROUPS && s->sheet.rates ?
		&s->past[s->model.depth] : NULL;
	p->note = note(s);
	p->verdict = s->model.verdict ? s->verdict : NULL;
	top_reading_wall(r, total, &filter, &p->wall);
}

char *top_session_draw(struct top_session *s, const struct top_paper *paper)
{
	struct top_picture p;
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return NULL;
	}
	if (s->model.verdict) {
		const struct filter filter = wanted(s);

		/* It takes as long as all the rest. */
		top_verdict(&s->reading, shows_total(s), &filter, s->verdict);
	}
	make_picture(s, &p);
	top_draw(&s->model, &p, paper, out);
	if (fclose(out) != 0) {
		free(text);
		text = NULL;
	}
	return text;
}
