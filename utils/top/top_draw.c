/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "escape.h"
#include "frame.h"
#include "key_columns.h"
#include "top_draw.h"
#include "top_keys.h"
#include "top_map.h"
#include "top_wall.h"

#define NAME_LEAST 10u
#define NAME_USEFUL 24u
#define LINE 1024
#define WALL_MOST 10u			/* lines */
#define MAP_MOST 12u
#define MAP_LEAST 3u

/* -------------------------------- heading -------------------------------- */

static const char *clock_text(uint64_t realtime_ns, char text[32])
{
	time_t seconds = (time_t)(realtime_ns / 1000000000u);
	struct tm tm;

	localtime_r(&seconds, &tm);
	strftime(text, 32, "%H:%M:%S", &tm);
	return text;
}

static void draw_heading(const struct top_model *m,
			 const struct top_picture *p, FILE *out)
{
	char now[32], span[64];
	time_t seconds = (time_t)(p->since_realtime_ns / 1000000000u);
	struct tm tm;

	if (p->interval_ns != 0) {
		snprintf(span, sizeof(span), "%.1f s",
			 (double)p->interval_ns / 1e9);
	} else if (p->since_realtime_ns == UINT64_MAX) {
		snprintf(span, sizeof(span), "nothing counted");
	} else {
		localtime_r(&seconds, &tm);
		strftime(span, sizeof(span), "since %Y-%m-%d %H:%M:%S", &tm);
	}
	/* A screen of 20 columns shows at least that it is paused. */
	fprintf(out, "%s%s %s%s%s  %u smbd%s, %u tree connect%s\n",
		STYLE_BOLD, clock_text(p->realtime_ns, now),
		m->paused ? STYLE_NOTE "PAUSED " STYLE_BOLD : "", span,
		STYLE_PLAIN, p->processes, p->processes == 1 ? "" : "s",
		p->connected, p->connected == 1 ? "" : "s");
}

/* "client 10.0.0.1 > requests" */
static void draw_way(const struct top_model *m, const struct top_picture *p,
		     FILE *out)
{
	const struct top_level *l = top_level(m);
	char escaped[LINE];
	unsigned i;

	for (i = 0; i < m->depth; i++) {
		const struct top_level *above = &m->level[i];

		escape_text_to(escaped, sizeof(escaped),
			       short_request(above->chosen));
		fprintf(out, "%s %s > ", top_view_row(above->view)->word,
			escaped);
	}
	fprintf(out, "%s%u %s%s", STYLE_BOLD, p->sheet->count,
		top_view_row(l->view)->title, STYLE_PLAIN);
	if (l->looked_for[0] != '\0' || m->typing) {
		escape_text_to(escaped, sizeof(escaped), l->looked_for);
		fprintf(out, " with %s/%s%s%s", STYLE_NOTE, escaped,
			m->typing ? "_" : "", STYLE_PLAIN);
	}
	fputc('\n', out);
}

/* ---------------------------------- list --------------------------------- */

struct layout {
	bool shown[TOP_COLUMNS];
	unsigned name;
};

static unsigned layout_width(const struct layout *l,
			     const struct top_column *columns, unsigned count)
{
	unsigned c, width = 0;

	for (c = 0; c < count; c++) {
		width += l->shown[c] ? columns[c].width : 0;
	}
	return width;
}

static unsigned longest_name(const struct top_sheet *sheet)
{
	unsigned i, longest = NAME_LEAST;

	for (i = 0; i < sheet->count; i++) {
		unsigned columns = text_columns(sheet->row[i].shown);

		longest = columns > longest ? columns : longest;
	}
	return longest;
}

/* Which columns there is room for beside the names. */
static void lay_out(struct layout *l, const struct top_sheet *sheet,
		    unsigned sorted_by, unsigned width)
{
	const struct top_column *columns = top_columns(sheet->kind);
	unsigned count = top_column_count(sheet->kind);
	unsigned longest = longest_name(sheet);
	unsigned turn, c, least;

	least = longest < NAME_USEFUL ? longest : NAME_USEFUL;
	memset(l, 0, sizeof(*l));
	for (c = 0; c < count; c++) {
		l->shown[c] = true;
	}
	for (turn = 1; turn <= count &&
	     layout_width(l, columns, count) + least > width; turn++) {
		for (c = 0; c < count; c++) {
			if (columns[c].leave == turn && c != sorted_by) {
				l->shown[c] = false;
			}
		}
	}
	l->name = less(width, layout_width(l, columns, count), 1);
	if (sheet->kind == TOP_GROUPS && l->name > longest) {
		l->name = longest;
	}
}

static void draw_titles(const struct layout *l, const struct top_sheet *sheet,
			const struct top_model *m, FILE *out)
{
	const struct top_column *columns = top_columns(sheet->kind);
	const char *word = top_view_row(top_level(m)->view)->word;
	unsigned c;

	print_name(out, word, l->name);
	for (c = 0; c < top_column_count(sheet->kind); c++) {
		const char *title = sheet->rates ? columns[c].rate :
			columns[c].title;
		bool sorted = c == m->sort[sheet->kind];

		if (l->shown[c]) {
			fprintf(out, "%*s%s%s%s",
				(int)(columns[c].width - strlen(title)), "",
				sorted ? STYLE_REVERSE : "", title,
				sorted ? STYLE_PLAIN : "");
		}
	}
	fputc('\n', out);
}

/* Is a value worth a colour? */
static bool is_bad(const struct top_sheet *sheet, const struct top_row *row,
		   unsigned column)
{
	const unsigned errors = sheet->kind == TOP_GROUPS ? GROUP_ERRORS :
		FILE_FAILURES;

	return sheet->kind != TOP_FLIGHTS && column == errors &&
		row->value[column] > 0;
}

static void draw_name(const struct top_sheet *sheet, const char *shown,
		      unsigned width, FILE *out)
{
	char name[LINE * 4 + 1];

	snprintf(name, sizeof(name), "%s", shown);
	if (sheet->kind == TOP_GROUPS || sheet->kind == TOP_FLIGHTS) {
		text_cut(name, width);
	} else {
		/* A file's name tells more than the directories before it. */
		text_cut_front(name, width);
	}
	fprintf(out, "%s%*s", name, (int)(width - text_columns(name)), "");
}

static void draw_row(const struct layout *l, const struct top_sheet *sheet,
		     const struct top_row *row, bool chosen, FILE *out)
{
	const struct top_column *columns = top_columns(sheet->kind);
	const char *usual = chosen ? STYLE_REVERSE : STYLE_PLAIN;
	char text[CELL];
	unsigned c;

	fputs(usual, out);
	draw_name(sheet, row->shown, l->name, out);
	for (c = 0; c < top_column_count(sheet->kind); c++) {
		unsigned width = columns[c].width;

		if (!l->shown[c]) {
			continue;
		}
		fprintf(out, "%s%*s%s",
			is_bad(sheet, row, c) && !chosen ? STYLE_BAD : "",
			(int)width,
			top_sheet_cell(text, sheet, row, c, width - 1),
			is_bad(sheet, row, c) && !chosen ? usual : "");
	}
	fputc('\n', out);
}

static void draw_list(struct top_model *m, const struct top_sheet *sheet,
		      const struct top_paper *paper, unsigned lines,
		      FILE *out)
{
	struct layout l;
	unsigned i, end;

	if (!paper->still) {
		m->page = lines > 1 ? lines - 1 : 1;
		top_model_settle(m, sheet);
	}
	lay_out(&l, sheet, m->sort[sheet->kind], paper->width);
	draw_titles(&l, sheet, m, out);
	end = paper->still ? sheet->count : m->first + m->page;
	if (paper->rows != 0 && end > paper->rows) {
		end = paper->rows;
	}
	for (i = m->first; i < sheet->count && i < end; i++) {
		draw_row(&l, sheet, &sheet->row[i],
			 !paper->still && i == top_level(m)->at, out);
	}
	for (; i < end && !paper->still; i++) {
		fputc('\n', out);
	}
}

/* --------------------------------- whole --------------------------------- */

static void draw_help(const struct top_paper *paper, FILE *out)
{
	char text[80];
	unsigned n;

	fprintf(out, "%sKeys of smblatency-stat top%s\n", STYLE_BOLD,
		STYLE_PLAIN);
	/* Two beside each other where one column would be too long. */
	for (n = 0; top_key_help(n, text) != NULL; n++) {
		bool two = paper->width >= 80 &&
			top_key_help(n + 1, text) != NULL;

		top_key_help(n, text);
		fprintf(out, two ? "%-*s" : "%.*s", two ? 40 : 79, text);
		if (two) {
			fputs(top_key_help(++n, text), out);
		}
		fputc('\n', out);
	}
}

/* Bytes of the words that fit in a line, of one at least. */
static size_t words_within(const char *text, unsigned width)
{
	size_t end = 0;

	for (;;) {
		size_t next = end + strspn(text + end, " ");
		char line[LINE];

		next += strcspn(text + next, " ");
		if (next == end || next >= sizeof(line)) {
			return end;
		}
		snprintf(line, sizeof(line), "%.*s", (int)next, text);
		if (end != 0 && text_columns(line) > width) {
			return end;
		}
		end = next;
	}
}

/* What there is to say, in as many lines as it takes; else, which keys. */
static void draw_foot(const struct top_picture *p,
		      const struct top_paper *paper, FILE *out)
{
	const char *text = p->note != NULL ? p->note : p->verdict;
	char escaped[LINE], *rest = escaped;
	size_t length;

	if (text == NULL) {
		fprintf(out, "%s? help  q end  Enter into  Esc back  / look "
			"for%s\n", STYLE_DIM, STYLE_PLAIN);
		return;
	}
	escape_text_to(escaped, sizeof(escaped), text);
	while ((length = words_within(rest, paper->width)) != 0) {
		fprintf(out, "%s%.*s%s\n", p->note != NULL ? STYLE_NOTE :
			STYLE_PLAIN, (int)length, rest, STYLE_PLAIN);
		rest += length;
		rest += strspn(rest, " ");
	}
}

static unsigned lines_of(const char *text)
{
	unsigned lines = 0;

	for (; *text != '\0'; text++) {
		lines += *text == '\n';
	}
	return lines;
}

/* The foot as text, to be freed; NULL: no memory. */
static char *make_foot(const struct top_picture *p,
		       const struct top_paper *paper)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL) {
		return NULL;
	}
	if (!paper->still || p->note != NULL || p->verdict != NULL) {
		draw_foot(p, paper, out);
	}
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

/* What the list leaves, of which the wall clock and the past have a share. */
struct shares {
	unsigned wall, map;
	bool sparks;
};

static struct shares share_out(const struct top_model *m,
			       const struct top_picture *p,
			       const struct top_paper *paper, unsigned others)
{
	unsigned room = less(paper->height, others, 0);
	/* Half of the screen is the list's, unless it never had so many rows:
	   so the map keeps its place. */
	unsigned list = m->most < room - room / 2 ? m->most : room - room / 2;
	struct shares s = { .wall = room / 3 };
	bool past = !paper->still && !m->no_past && p->past != NULL;

	if (paper->still) {
		s.wall = WALL_MOST;
	}
	if (m->no_wall) {
		s.wall = 0;
	}
	s.wall = s.wall < WALL_MOST ? s.wall : WALL_MOST;
	s.sparks = past && room - list >= s.wall + TOP_SPARKS;
	s.map = s.sparks ? room - list - s.wall - TOP_SPARKS : 0;
	s.map = s.map < MAP_MOST ? s.map : MAP_MOST;
	s.map = s.map >= MAP_LEAST ? s.map : 0;
	return s;
}

void top_draw(struct top_model *m, const struct top_picture *p,
	      const struct top_paper *paper, FILE *out)
{
	char *foot = make_foot(p, paper);
	/* The heading, the way, the foot. */
	unsigned taken = 2 + (foot != NULL ? lines_of(foot) : 0);
	struct shares shares;

	if (m->help) {
		draw_help(paper, out);
		free(foot);
		return;
	}
	m->most = p->sheet->count > m->most ? p->sheet->count : m->most;
	/* And the titles, and a row. */
	shares = share_out(m, p, paper, taken + 2);
	draw_heading(m, p, out);
	taken += top_wall_draw(&p->wall, paper, shares.wall, out);
	if (shares.sparks) {
		top_sparks_draw(p->past, paper, out);
		taken += TOP_SPARKS;
		taken += top_map_draw(p->past, paper, shares.map, out);
	}
	draw_way(m, p, out);
	draw_list(m, p->sheet, paper, less(paper->height, taken, 1), out);
	fputs(foot != NULL ? foot : "", out);
	free(foot);
}
