/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "top_keys.h"
#include "top_model.h"

void top_model_init(struct top_model *m, enum top_view view)
{
	memset(m, 0, sizeof(*m));
	m->level[0].view = view;
	m->sort[TOP_GROUPS] = GROUP_TOTAL;
	m->sort[TOP_FILES] = FILE_TIME;
	m->sort[TOP_FLIGHTS] = FLIGHT_AGE;
	m->page = 1;
}

static struct top_level *level(struct top_model *m)
{
	return &m->level[m->depth];
}

const struct top_level *top_level(const struct top_model *m)
{
	return &m->level[m->depth];
}

static void level_clear(struct top_level *l)
{
	free(l->chosen);
	memset(l, 0, sizeof(*l));
}

void top_model_free(struct top_model *m)
{
	unsigned i;

	for (i = 0; i < TOP_LEVELS; i++) {
		level_clear(&m->level[i]);
	}
}

static enum top_kind kind(const struct top_model *m)
{
	return top_view_row(top_level(m)->view)->kind;
}

/* -------------------------------- the way -------------------------------- */

const char *top_model_name(const struct top_model *m, enum dimension dimension)
{
	unsigned i;

	for (i = 0; i < m->depth; i++) {
		if (top_view_row(m->level[i].view)->dimension == dimension) {
			return m->level[i].chosen;
		}
	}
	return NULL;
}

unsigned top_model_by(const struct top_model *m)
{
	unsigned i, by = 0;

	for (i = 0; i < m->depth; i++) {
		by |= BY(top_view_row(m->level[i].view)->dimension);
	}
	return by;
}

void top_model_filter(const struct top_model *m, struct filter *filter)
{
	const char *share = top_model_name(m, BY_SHARE);
	const char *user = top_model_name(m, BY_USER);
	const char *client = top_model_name(m, BY_CLIENT);
	const char *process = top_model_name(m, BY_PROCESS);

	filter->share = share != NULL ? share : filter->share;
	filter->user = user != NULL ? user : filter->user;
	filter->client = client != NULL ? client : filter->client;
	if (process != NULL && atoi(process) > 0) {
		filter->pid = atoi(process);
	}
}

/* What Enter leads to: a list whose rows are not one already. */
static enum top_view next_view(const struct top_model *m)
{
	unsigned by = top_model_by(m);
	enum top_view view = top_level(m)->view;
	unsigned i;

	if (kind(m) != TOP_GROUPS) {
		return TOP_VIEWS;
	}
	by |= BY(top_view_row(view)->dimension);
	for (i = 0; i < TOP_VIEWS; i++) {
		view = top_view_row(view)->next;
		if ((by & BY(top_view_row(view)->dimension)) == 0) {
			return view;
		}
	}
	return TOP_VIEWS;
}

static enum top_need enter(struct top_model *m, const struct top_sheet *sheet)
{
	enum top_view next = next_view(m);
	struct top_level *l = level(m);
	char *name;

	if (next == TOP_VIEWS || l->at >= sheet->count ||
	    m->depth + 1 == TOP_LEVELS) {
		return TOP_NEED_NOTHING;
	}
	name = strdup(sheet->row[l->at].name);
	if (name == NULL) {
		return TOP_NEED_NOTHING;
	}
	free(l->chosen);
	l->chosen = name;
	m->depth++;
	level(m)->view = next;
	m->first = m->most = 0;
	return TOP_NEED_ROWS;
}

static enum top_need back(struct top_model *m)
{
	if (level(m)->looked_for[0] != '\0') {
		level(m)->looked_for[0] = '\0';
		return TOP_NEED_ROWS;
	}
	if (m->depth == 0) {
		return TOP_NEED_NOTHING;
	}
	level_clear(level(m));
	m->depth--;
	m->most = 0;
	return TOP_NEED_ROWS;
}

static enum top_need change_view(struct top_model *m, enum top_view view)
{
	level_clear(level(m));
	level(m)->view = view;
	m->first = m->most = 0;
	return TOP_NEED_ROWS;
}

/* -------------------------------- the rows ------------------------------- */

/* To row number `to`, or the nearest there is. */
static enum top_need move(struct top_model *m, const struct top_sheet *sheet,
			  long to)
{
	struct top_level *l = level(m);

	if (sheet->count == 0) {
		return TOP_NEED_NOTHING;
	}
	to = to < 0 ? 0 : to >= (long)sheet->count ? (long)sheet->count - 1 :
		to;
	free(l->chosen);
	/* The first one stays the first, whatever that is later. */
	l->chosen = to == 0 ? NULL : strdup(sheet->row[to].name);
	l->at = (unsigned)to;
	top_model_settle(m, sheet);
	return TOP_NEED_DRAWING;
}

/* The row of this name that is nearest to where it was; its number if none. */
static unsigned find(const struct top_sheet *sheet, const char *name,
		     unsigned at)
{
	unsigned i, best = sheet->count;

	for (i = 0; i < sheet->count; i++) {
		unsigned far = i > at ? i - at : at - i;

		if (strcmp(sheet->row[i].name, name) == 0 &&
		    (best == sheet->count ||
		     far < (best > at ? best - at : at - best))) {
			best = i;
		}
	}
	return best < sheet->count ? best : at;
}

void top_model_settle(struct top_model *m, const struct top_sheet *sheet)
{
	struct top_level *l = level(m);

	l->at = l->chosen != NULL ? find(sheet, l->chosen, l->at) : 0;
	if (l->at >= sheet->count) {
		l->at = sheet->count != 0 ? sheet->count - 1 : 0;
	}
	if (l->at < m->first) {
		m->first = l->at;
	}
	if (l->at >= m->first + m->page) {
		m->first = l->at - m->page + 1;
	}
	if (m->first + m->page > sheet->count) {
		m->first = sheet->count > m->page ? sheet->count - m->page : 0;
	}
}

static enum top_need sort_by(struct top_model *m, unsigned column)
{
	if (column >= top_column_count(kind(m))) {
		return TOP_NEED_NOTHING;
	}
	m->sort[kind(m)] = column;
	return TOP_NEED_ROWS;
}

/* ------------------------------- the keys -------------------------------- */

/* A character as UTF-8 at the end of what is looked for. */
static void type(char *typed, int key)
{
	size_t length = strlen(typed);
	unsigned char *to = (unsigned char *)typed + length;

	if (length + 5 > TOP_TYPED) {
		return;
	}
	if (key < 0x80) {
		*to++ = (unsigned char)key;
	} else if (key < 0x800) {
		*to++ = (unsigned char)(0xc0 | key >> 6);
	} else if (key < 0x10000) {
		*to++ = (unsigned char)(0xe0 | key >> 12);
	} else {
		*to++ = (unsigned char)(0xf0 | key >> 18);
		*to++ = (unsigned char)(0x80 | (key >> 12 & 0x3f));
	}
	if (key >= 0x800) {
		*to++ = (unsigned char)(0x80 | (key >> 6 & 0x3f));
	}
	if (key >= 0x80) {
		*to++ = (unsigned char)(0x80 | (key & 0x3f));
	}
	*to = '\0';
}

static enum top_need typed(struct top_model *m, int key)
{
	char *text = level(m)->looked_for;
	size_t length = strlen(text);

	switch (key) {
	case TOP_KEY_ENTER:
		m->typing = false;
		return TOP_NEED_DRAWING;
	case TOP_KEY_ESCAPE:
		m->typing = false;
		text[0] = '\0';
		return TOP_NEED_ROWS;
	case TOP_KEY_BACKSPACE:
		while (length > 0 && (text[--length] & 0xc0) == 0x80) {
			;
		}
		text[length] = '\0';
		return TOP_NEED_ROWS;
	default:
		if (key < ' ' || key == 0x7f || key >= TOP_KEY_NONE) {
			return TOP_NEED_NOTHING;
		}
		type(text, key);
		return TOP_NEED_ROWS;
	}
}

static enum top_need toggle(bool *what, enum top_need need)
{
	*what = !*what;
	return need;
}

static enum top_need look_for(struct top_model *m)
{
	m->typing = true;
	level(m)->looked_for[0] = '\0';
	return TOP_NEED_ROWS;
}

static enum top_need act(struct top_model *m, int key,
			 const struct top_sheet *sheet)
{
	const unsigned columns = top_column_count(kind(m));
	const enum top_view view = level(m)->view;
	const long at = level(m)->at, page = m->page;

	switch (top_key_does(key)) {
	case TOP_DO_UP:
		return move(m, sheet, at - 1);
	case TOP_DO_DOWN:
		return move(m, sheet, at + 1);
	case TOP_DO_PAGE_UP:
		return move(m, sheet, at - page);
	case TOP_DO_PAGE_DOWN:
		return move(m, sheet, at + page);
	case TOP_DO_FIRST:
		return move(m, sheet, 0);
	case TOP_DO_LAST:
		return move(m, sheet, (long)sheet->count - 1);
	case TOP_DO_ENTER:
		return enter(m, sheet);
	case TOP_DO_BACK:
	case TOP_DO_BACKSPACE:
		return back(m);
	case TOP_DO_NEXT:
		return change_view(m, (view + 1) % TOP_VIEWS);
	case TOP_DO_PREVIOUS:
		return change_view(m, (view + TOP_VIEWS - 1) % TOP_VIEWS);
	case TOP_DO_SORT_LEFT:
		return sort_by(m, m->sort[kind(m)] - 1);
	case TOP_DO_SORT_RIGHT:
		return sort_by(m, m->sort[kind(m)] + 1);
	case TOP_DO_REVERSE:
		return toggle(&m->reverse, TOP_NEED_ROWS);
	case TOP_DO_LOOK_FOR:
		return look_for(m);
	case TOP_DO_TOTAL:
		return toggle(&m->total, TOP_NEED_ROWS);
	case TOP_DO_PAUSE:
		return toggle(&m->paused, TOP_NEED_DRAWING);
	case TOP_DO_WALL:
		return toggle(&m->no_wall, TOP_NEED_DRAWING);
	case TOP_DO_MAP:
		return toggle(&m->no_past, TOP_NEED_DRAWING);
	case TOP_DO_VERDICT:
		return toggle(&m->verdict, TOP_NEED_DRAWING);
	case TOP_DO_HELP:
		return toggle(&m->help, TOP_NEED_DRAWING);
	case TOP_DO_END:
		return TOP_NEED_END;
	case TOP_DO_NOTHING:
		break;
	}
	return key >= '1' && key < '1' + (int)columns ?
		sort_by(m, (unsigned)(key - '1')) : TOP_NEED_NOTHING;
}

enum top_need top_model_key(struct top_model *m, int key,
			    const struct top_sheet *sheet)
{
	enum top_view view = top_key_view(key);

	if (m->typing) {
		return typed(m, key);
	}
	if (m->help && top_key_does(key) != TOP_DO_END) {
		m->help = false;
		return TOP_NEED_DRAWING;
	}
	return view != TOP_VIEWS ? change_view(m, view) : act(m, key, sheet);
}
