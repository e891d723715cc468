/*
 * top without a terminal: lists, what keys do to them, and what is drawn.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "frame.h"
#include "terminal_keys.h"
#include "top_draw.h"
#include "top_keys.h"
#include "top_map.h"
#include "top_model.h"
#include "top_wall.h"
#include "unit.h"

/* ---------------------------------- lists -------------------------------- */

static void add(struct top_sheet *sheet, const char *name, double total)
{
	struct top_row *row = top_sheet_add(sheet, name, name);

	assert_non_null(row);
	row->value[GROUP_TOTAL] = total;
	row->value[GROUP_COUNT] = 1;
}

/* a 1, b 3, c 2, d not known */
static void fill(struct top_sheet *sheet)
{
	top_sheet_init(sheet, TOP_GROUPS, false);
	add(sheet, "a", 1);
	add(sheet, "b", 3);
	add(sheet, "c", 2);
	add(sheet, "d", NAN);
}

static void check_order(const struct top_sheet *sheet, const char *names)
{
	unsigned i;

	assert_int_equal(sheet->count, strlen(names));
	for (i = 0; i < sheet->count; i++) {
		assert_int_equal(sheet->row[i].name[0], names[i]);
	}
}

static void test_sorting(void **state)
{
	struct top_sheet sheet;

	(void)state;
	fill(&sheet);
	top_sheet_sort(&sheet, GROUP_TOTAL, false);
	check_order(&sheet, "bcad");
	top_sheet_sort(&sheet, GROUP_TOTAL, true);
	check_order(&sheet, "acbd");
	/* All the same: by name. */
	top_sheet_sort(&sheet, GROUP_COUNT, true);
	check_order(&sheet, "abcd");
	top_sheet_free(&sheet);
}

static void test_looking_for(void **state)
{
	struct top_sheet sheet;

	(void)state;
	top_sheet_init(&sheet, TOP_GROUPS, false);
	add(&sheet, "CREATE", 1);
	add(&sheet, "WRITE", 2);
	add(&sheet, "\033[2J", 3);
	top_sheet_look_for(&sheet, "eat");
	assert_int_equal(sheet.count, 1);
	assert_int_equal(sheet.hidden, 2);
	assert_string_equal(sheet.row[0].name, "CREATE");
	top_sheet_free(&sheet);
}

static void test_cells(void **state)
{
	struct top_sheet sheet;
	struct top_row *row;
	char text[CELL];

	(void)state;
	top_sheet_init(&sheet, TOP_GROUPS, true);
	row = top_sheet_add(&sheet, "a", "a");
	row->value[GROUP_COUNT] = 12.34;
	row->value[GROUP_TOTAL] = 5e8;	/* ns a second */
	row->value[GROUP_AVG] = 1500;
	assert_string_equal(top_sheet_cell(text, &sheet, row, GROUP_COUNT, 7),
			    "12.3");
	assert_string_equal(top_sheet_cell(text, &sheet, row, GROUP_TOTAL, 7),
			    "50.0");
	assert_string_equal(top_sheet_cell(text, &sheet, row, GROUP_AVG, 7),
			    "1.50");
	assert_string_equal(top_sheet_cell(text, &sheet, row, GROUP_P50, 7),
			    "-");
	sheet.rates = false;
	row->value[GROUP_COUNT] = 12;
	assert_string_equal(top_sheet_cell(text, &sheet, row, GROUP_COUNT, 7),
			    "12");
	assert_string_equal(top_sheet_cell(text, &sheet, row, GROUP_TOTAL, 7),
			    "500000");
	top_sheet_free(&sheet);
}

/* ---------------------------------- keys --------------------------------- */

struct pressing {
	struct top_model model;
	struct top_sheet sheet;
};

static int press_setup(void **state)
{
	struct pressing *p = calloc(1, sizeof(*p));

	top_model_init(&p->model, TOP_CLIENT);
	fill(&p->sheet);
	p->model.page = 2;
	*state = p;
	return 0;
}

static int press_teardown(void **state)
{
	struct pressing *p = *state;

	top_model_free(&p->model);
	top_sheet_free(&p->sheet);
	free(p);
	return 0;
}

static enum top_need press(struct pressing *p, int key)
{
	return top_model_key(&p->model, key, &p->sheet);
}

static void test_moving(void **state)
{
	struct pressing *p = *state;
	const struct top_level *l = top_level(&p->model);

	press(p, TOP_KEY_UP);
	assert_int_equal(l->at, 0);
	press(p, TOP_KEY_DOWN);
	assert_int_equal(l->at, 1);
	assert_string_equal(l->chosen, "b");
	press(p, TOP_KEY_PAGE_DOWN);
	assert_int_equal(l->at, 3);
	assert_int_equal(p->model.first, 2);
	press(p, TOP_KEY_DOWN);
	assert_int_equal(l->at, 3);
	press(p, TOP_KEY_PAGE_UP);
	assert_int_equal(l->at, 1);
	press(p, TOP_KEY_END);
	assert_int_equal(l->at, 3);
	press(p, TOP_KEY_HOME);
	assert_int_equal(l->at, 0);
	assert_null(l->chosen);
	assert_int_equal(p->model.first, 0);
}

static void test_the_chosen_row_stays_chosen(void **state)
{
	struct pressing *p = *state;

	press(p, TOP_KEY_DOWN);
	top_sheet_sort(&p->sheet, GROUP_TOTAL, true);
	top_model_settle(&p->model, &p->sheet);
	assert_int_equal(top_level(&p->model)->at, 2);
	/* It has gone: another is in its place. */
	top_sheet_look_for(&p->sheet, "a");
	top_model_settle(&p->model, &p->sheet);
	assert_int_equal(top_level(&p->model)->at, 0);
	top_sheet_look_for(&p->sheet, "nothing");
	top_model_settle(&p->model, &p->sheet);
	assert_int_equal(press(p, TOP_KEY_DOWN), TOP_NEED_NOTHING);
	assert_int_equal(press(p, TOP_KEY_ENTER), TOP_NEED_NOTHING);
}

static void test_into_and_out(void **state)
{
	struct pressing *p = *state;
	struct filter filter = { .client = "x" };

	press(p, TOP_KEY_DOWN);
	assert_int_equal(press(p, TOP_KEY_ENTER), TOP_NEED_ROWS);
	assert_int_equal(top_level(&p->model)->view, TOP_REQUEST);
	assert_string_equal(top_model_name(&p->model, BY_CLIENT), "b");
	top_model_filter(&p->model, &filter);
	assert_string_equal(filter.client, "b");
	press(p, TOP_KEY_ENTER);
	assert_int_equal(top_level(&p->model)->view, TOP_OP);
	assert_int_equal(top_model_by(&p->model),
			 BY(BY_CLIENT) | BY(BY_REQUEST));
	/* An op leads nowhere any more. */
	assert_int_equal(press(p, TOP_KEY_ENTER), TOP_NEED_NOTHING);
	assert_int_equal(press(p, TOP_KEY_ESCAPE), TOP_NEED_ROWS);
	assert_int_equal(press(p, TOP_KEY_BACKSPACE), TOP_NEED_ROWS);
	assert_int_equal(top_level(&p->model)->view, TOP_CLIENT);
	top_model_settle(&p->model, &p->sheet);
	assert_int_equal(top_level(&p->model)->at, 1);
	assert_int_equal(press(p, TOP_KEY_ESCAPE), TOP_NEED_NOTHING);
}

static void test_lists_and_columns(void **state)
{
	struct pressing *p = *state;
	unsigned v;

	for (v = 0; v < TOP_VIEWS; v++) {
		press(p, top_view_row((enum top_view)v)->key);
		assert_int_equal(top_level(&p->model)->view, v);
	}
	press(p, TOP_KEY_TAB);
	assert_int_equal(top_level(&p->model)->view, 0);
	press(p, TOP_KEY_BACK_TAB);
	assert_int_equal(top_level(&p->model)->view, TOP_VIEWS - 1);
	press(p, 'r');
	press(p, '1');
	assert_int_equal(p->model.sort[TOP_GROUPS], GROUP_COUNT);
	assert_int_equal(press(p, '<'), TOP_NEED_NOTHING);
	press(p, '>');
	assert_int_equal(p->model.sort[TOP_GROUPS], GROUP_ERRORS);
	press(p, '9');
	assert_int_equal(p->model.sort[TOP_GROUPS], GROUP_MAX);
	assert_int_equal(press(p, '>'), TOP_NEED_NOTHING);
}

static void test_typing(void **state)
{
	struct pressing *p = *state;
	const char *text = top_level(&p->model)->looked_for;
	unsigned i;

	press(p, '/');
	/* Letters are letters now. */
	press(p, 'q');
	press(p, 0xe9);
	press(p, 0x1f600);
	assert_string_equal(text, "q\u00e9\U0001f600");
	press(p, TOP_KEY_BACKSPACE);
	assert_string_equal(text, "q\u00e9");
	assert_int_equal(press(p, TOP_KEY_ENTER), TOP_NEED_DRAWING);
	assert_int_equal(press(p, TOP_KEY_ESCAPE), TOP_NEED_ROWS);
	assert_string_equal(text, "");
	press(p, '/');
	for (i = 0; i < 2 * TOP_TYPED; i++) {
		press(p, 0x20ac);
	}
	assert_true(strlen(text) < TOP_TYPED && strlen(text) % 3 == 0);
	press(p, TOP_KEY_ESCAPE);
	assert_string_equal(text, "");
	assert_int_equal(press(p, 'q'), TOP_NEED_END);
}

static void check_key(const char *bytes, bool all, int key, size_t taken)
{
	size_t got = 99;

	assert_int_equal(terminal_key_decode(bytes, strlen(bytes), all, &got),
			 key);
	assert_int_equal(got, taken);
}

static void test_keys_of_terminals(void **state)
{
	(void)state;
	check_key("ab", false, 'a', 1);
	check_key("\033[A", false, TOP_KEY_UP, 3);
	check_key("\033OB", false, TOP_KEY_DOWN, 3);
	check_key("\033[5~x", false, TOP_KEY_PAGE_UP, 4);
	check_key("\033", false, TOP_KEY_NONE, 0);
	check_key("\033", true, TOP_KEY_ESCAPE, 1);
	check_key("\033[1;5A", false, TOP_KEY_NONE, 6);
	check_key("\r", false, TOP_KEY_ENTER, 1);
	check_key("\177", false, TOP_KEY_BACKSPACE, 1);
	check_key("\xc3\xa9", false, 0xe9, 2);
	check_key("\xc3", false, TOP_KEY_NONE, 0);
	check_key("\xc3", true, TOP_KEY_NONE, 1);
	check_key("\xff", false, TOP_KEY_NONE, 0);
	check_key("\xff", true, TOP_KEY_NONE, 1);
}

/* -------------------------------- drawing -------------------------------- */

static unsigned columns_of(const char *line)
{
	char text[4096];
	unsigned to = 0;

	for (; *line != '\0'; line++) {
		if ((unsigned char)*line >= STYLES) {
			text[to++] = *line;
		}
	}
	text[to] = '\0';
	return text_columns(text);
}

static void test_a_frame_is_cut(void **state)
{
	struct frame frame;

	(void)state;
	assert_true(frame_make(&frame, STYLE_BOLD "写真a\nb\nc\n", 4, 2, false));
	assert_int_equal(frame.count, 2);
	assert_string_equal(frame.line[0], STYLE_BOLD "写真");
	frame_free(&frame);
	assert_true(frame_make(&frame, "写真a█\n", 3, 0, true));
	assert_string_equal(frame.line[0], "??");
	frame_free(&frame);
	assert_true(frame_make(&frame, "aé█\n", 9, 0, true));
	assert_string_equal(frame.line[0], "a??");
	frame_free(&frame);
}

static void add_calls(struct row_sum *sum, uint64_t ns, uint64_t count)
{
	sum->histogram[hist_bucket(ns)] += count;
	sum->count += count;
	sum->total_ns += ns * count;
	row_sum_widen(sum, ns, ns);
}

/* Draws in a size; all of it must be there, and no more. */
static void draw_in(struct pressing *p, unsigned width, unsigned height,
		    bool ascii)
{
	static struct top_past past;
	struct row_sum sum;
	const struct top_paper paper = {
		.width = width, .height = height, .ascii = ascii,
	};
	const struct top_picture picture = {
		.realtime_ns = 1700000000000000000u,
		.interval_ns = 3000000000u,
		.wall = { .wall_ns = 100, .vfs_ns = 40, .smb_ns = 60 },
		.sheet = &p->sheet,
		.past = &past,
		.verdict = width % 3 == 0 ? "So it is, and that in several "
			"words; more of them than one line has room for." :
			NULL,
	};
	struct frame frame;
	char *text;
	size_t size;
	unsigned i, lines = 0;
	FILE *out = open_memstream(&text, &size);

	row_sum_init(&sum);
	add_calls(&sum, 1000, 9);
	add_calls(&sum, 50000000, 9);
	top_past_add(&past, &sum, 1000000000u, 1000000000u);
	top_draw(&p->model, &picture, &paper, out);
	assert_int_equal(fclose(out), 0);
	for (i = 0; i < size; i++) {
		lines += text[i] == '\n';
	}
	if (!p->model.help && height >= 5 && picture.verdict == NULL) {
		assert_int_equal(lines, height);
	}
	assert_true(frame_make(&frame, text, width, height, ascii));
	assert_true(frame.count <= height);
	for (i = 0; i < frame.count; i++) {
		assert_true(columns_of(frame.line[i]) <= width);
	}
	frame_free(&frame);
	free(text);
}

static void test_all_sizes(void **state)
{
	struct pressing *p = *state;
	unsigned width, height;

	add(&p->sheet, "写真写真写真写真写真写真写真写真写真写真写真", 7);
	for (width = 1; width <= 200; width++) {
		for (height = 1; height <= 60; height += 1 + height / 8) {
			draw_in(p, width, height, width % 2 == 0);
		}
	}
	press(p, '?');
	draw_in(p, 20, 60, false);
	draw_in(p, 80, 24, false);
}

static void test_bars(void **state)
{
	const struct wall_time time = {
		.wall_ns = 1000, .vfs_ns = 900, .smb_ns = 100,
	};
	struct top_paper paper = { .width = 21, .ascii = true };
	char text[256] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	/* Of two lines, the parts that are largest. */
	assert_int_equal(top_wall_draw(&time, &paper, 2, out), 2);
	paper.ascii = false;
	assert_int_equal(top_wall_draw(&time, &paper, 1, out), 1);
	fclose(out);
	assert_string_equal(text, "VFS      ####  90.0 %\n"
				  "SMB            10.0 %\n"
				  "VFS      ███▋  90.0 %\n");
}

/* --------------------------- the last minutes ---------------------------- */

static void test_moments_and_gaps(void **state)
{
	static struct top_past past;
	struct row_sum sum;
	unsigned i;

	(void)state;
	top_past_clear(&past);
	row_sum_init(&sum);
	add_calls(&sum, 1000, 4);
	top_past_add(&past, &sum, 2000000000u, 10000000000u);
	assert_int_equal(past.count, 1);
	assert_true(past.moment[0].rate == 2.0);
	assert_int_equal(past.moment[0].octave[hist_bucket(1000) / HIST_SUB],
			 4);
	top_past_add(&past, &sum, 2000000000u, 12000000000u);
	assert_int_equal(past.count, 2);
	/* Nobody looked for a while. */
	top_past_add(&past, &sum, 2000000000u, 20000000000u);
	assert_int_equal(past.count, 4);
	assert_false(past.moment[2].known);
	assert_true(past.moment[3].known);
	for (i = 1; i <= 2 * TOP_MOMENTS; i++) {
		top_past_add(&past, &sum, 1000000000u,
			     20000000000u + i * 1000000000u);
	}
	assert_int_equal(past.count, TOP_MOMENTS);
	assert_true(past.moment[0].known);
}

static void test_the_map(void **state)
{
	static struct top_past past;
	const struct top_paper paper = { .width = 16, .ascii = true };
	struct row_sum sum, none;
	char text[512] = "";
	FILE *out = fmemopen(text, sizeof(text), "w");

	(void)state;
	row_sum_init(&sum);
	row_sum_init(&none);
	top_past_clear(&past);
	assert_int_equal(top_map_draw(&past, &paper, 5, out), 0);
	add_calls(&sum, 1100, 95);
	add_calls(&sum, 5000, 5);
	/* Only three moments have room. */
	top_past_add(&past, &sum, 1000000000u, 1000000000u);
	top_past_add(&past, &sum, 1000000000u, 2000000000u);
	top_past_add(&past, &none, 1000000000u, 3000000000u);
	top_past_add(&past, &sum, 500000000u, 3500000000u);
	top_sparks_draw(&past, &paper, out);
	assert_int_equal(top_map_draw(&past, &paper, 5, out), 3);
	assert_int_equal(top_map_draw(&past, &paper, 2, out), 2);
	fclose(out);
	assert_string_equal(text, "/s       200 = #\n"
			    "p99     4.86 # #\n"
			    "    4.10 us  " STYLE_NOTE "+" STYLE_PLAIN " "
			    STYLE_NOTE "+" STYLE_PLAIN "\n"
			    "    2.05 us     \n"
			    "    1.02 us  # #\n"
			    "    4.10 us  " STYLE_NOTE "+" STYLE_PLAIN " "
			    STYLE_NOTE "+" STYLE_PLAIN "\n"
			    "    1.02 us  # #\n");
}

#define PRESSED(test) \
	cmocka_unit_test_setup_teardown(test, press_setup, press_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sorting),
		cmocka_unit_test(test_looking_for),
		cmocka_unit_test(test_cells),
		PRESSED(test_moving),
		PRESSED(test_the_chosen_row_stays_chosen),
		PRESSED(test_into_and_out),
		PRESSED(test_lists_and_columns),
		PRESSED(test_typing),
		cmocka_unit_test(test_keys_of_terminals),
		cmocka_unit_test(test_a_frame_is_cut),
		PRESSED(test_all_sizes),
		cmocka_unit_test(test_bars),
		cmocka_unit_test(test_moments_and_gaps),
		cmocka_unit_test(test_the_map),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
