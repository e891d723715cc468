/*
 * Every view at every width of a terminal, with names that are longer.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "columns.h"
#include "report.h"
#include "report_interval.h"
#include "unit.h"
#include "views.h"

#define CREATE 5u
#define QUERY_DIRECTORY 14u
#define WIDTHS 300u
#define FITS 80u		/* from here on no line is longer than asked */
#define DEPTH 12

static const unsigned by[] = {
	0, BY(BY_SHARE), BY(BY_CLIENT), BY(BY_USER) | BY(BY_OP),
	BY(BY_SHARE) | BY(BY_USER) | BY(BY_CLIENT),
	BY(BY_SHARE) | BY(BY_USER) | BY(BY_REQUEST) | BY(BY_OP),
	BY(BY_CLIENT) | BY(BY_REQUEST), BY(BY_LAYER) | BY(BY_OP),
	(1u << DIMENSIONS) - 1,
};

#define BYS (sizeof(by) / sizeof(by[0]))

static void fill_slot(struct segment_writer *w, const char *share,
		      const char *user, const char *client)
{
	struct slot_writer *s = slot_for(w, share, user, client);
	int layer = segment_layer(w, "a-layer-with-a-long-name");
	struct latency_node *node;
	unsigned i;

	assert_non_null(s);
	node_record(w, node_of(s, QUERY_DIRECTORY, -1), 123456789, 0, 13);
	node_record(w, node_of(s, QUERY_DIRECTORY, PREAD), 999999999, 0, 13);
	node_record(w, node_of(s, CREATE, -1), 1, 0, 0);
	for (i = 0, node = node_of(s, CREATE, OPENAT); i < DEPTH; i++) {
		node_record(w, node, 5000000000u, 0, 2);
		node = slot_node_below(s, node, LATENCY_FRAME(
			i % 2 ? 1 : layer, OPENAT));
	}
}

/* The process is alive until segment_close(). */
static struct segment_writer *fill(const struct test_dir *td)
{
	struct segment_writer *w = segment_make(td, 4194304, 1);

	fill_slot(w, "data", "alice", "192.0.2.1");
	fill_slot(w, "Größenänderungsübersichten-für-alle-Straßenzüge",
		  "DOMAIN\\a-user-of-a-long-name", "2001:db8::5054:ff:fe12:1");
	fill_slot(w, "写真写真写真写真写真写真写真写真写真", "\xff\033[2J",
		  "2001:db8:1111:2222:3333:4444:5555:6666");
	return w;
}

/* The longest line of a text, which is freed. */
static unsigned longest(char *text)
{
	unsigned most = 0;
	char *line, *rest = text;

	while ((line = strsep(&rest, "\n")) != NULL) {
		unsigned columns = text_columns(line);

		most = columns > most ? columns : most;
	}
	free(text);
	return most;
}

typedef void (*view)(const struct report *r, FILE *out, unsigned width);

static void interval(const struct report *r, FILE *out, unsigned width)
{
	struct interval_view view = { .lines = 0 };
	char columns[16];

	snprintf(columns, sizeof(columns), "%u", width);
	setenv("COLUMNS", columns, 1);
	interval_view_print(&view, r, out);
}

static void check_widths(const struct report *r, view show)
{
	unsigned width, most;
	char *text;
	size_t size;
	FILE *out;

	for (width = 0; width <= WIDTHS; width++) {
		out = open_memstream(&text, &size);
		assert_non_null(out);
		show(r, out, width);
		assert_int_equal(fclose(out), 0);
		most = longest(text);
		if (width >= FITS) {
			assert_in_range(most, 1, width);
		}
	}
}

static void test_every_view_fits(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = fill(td);
	struct latency_error error;
	struct snapshot *s = snapshot_take(td->path, &error);
	unsigned i;

	assert_non_null(s);
	for (i = 0; i < BYS; i++) {
		const struct report_options options = {
			.by = by[i], .ops = true, .histograms = true };
		struct report *r = report_make(&options, s, NULL);

		assert_non_null(r);
		check_widths(r, report_text);
		check_widths(r, interval);
		if (by[i] == 0) {
			check_widths(r, report_tree);
		}
		report_free(r);
	}
	snapshot_free(s);
	segment_close(w);
}

/* What a view says at this width, to be freed. */
static char *shown(const struct test_dir *td, unsigned dimensions, view show,
		   unsigned width)
{
	const struct report_options options = { .by = dimensions, .ops = true };
	struct latency_error error;
	struct snapshot *s = snapshot_take(td->path, &error);
	struct report *r;
	size_t size;
	char *text;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(s);
	assert_non_null(out);
	r = report_make(&options, s, NULL);
	assert_non_null(r);
	show(r, out, width);
	assert_int_equal(fclose(out), 0);
	report_free(r);
	snapshot_free(s);
	return text;
}

/* Several dimensions at 80 columns: requests and clients stay what they are. */
static void test_names_stay_useful(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = fill(td);
	char *text = shown(td, BY(BY_SHARE) | BY(BY_USER) | BY(BY_CLIENT) |
			   BY(BY_REQUEST) | BY(BY_OP), report_text, 80);

	assert_non_null(strstr(text, "QUERY_DIRECTORY"));
	assert_non_null(strstr(text, "2001:db8:1111:2222:3333:4444:5555:6666"));
	assert_non_null(strstr(text, "DOMAIN\\a-user-of-a-long-name"));
	free(text);

	text = shown(td, BY(BY_CLIENT) | BY(BY_REQUEST), report_text, 80);
	assert_non_null(strstr(text, " QUERY_DIRECTORY "));
	assert_non_null(strstr(text, "5555:6666 "));
	free(text);

	text = shown(td, BY(BY_CLIENT) | BY(BY_REQUEST), interval, 80);
	assert_non_null(strstr(text, " QUERY_DIRECTORY "));
	assert_non_null(strstr(text, "192.0.2.1 "));
	free(text);
	segment_close(w);
}

static void test_tables_by_dimension_have_errors_and_percentiles(void **state)
{
	const struct test_dir *td = *state;
	struct segment_writer *w = segment_make(td, 1, 1);
	char *text;

	fill_slot(w, "data", "alice", "192.0.2.1");
	text = shown(td, BY(BY_USER), report_text, 80);
	assert_non_null(strstr(text, "user     Count  Errs    Total     Self"
			       "    Avg   p50   p95   p99   Max\n"
			       "alice "));
	free(text);
	segment_close(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_every_view_fits,
						test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(test_names_stay_useful,
						test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_tables_by_dimension_have_errors_and_percentiles,
			test_dir_make, test_dir_remove),
	};

	setlocale(LC_CTYPE, "C.UTF-8");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
