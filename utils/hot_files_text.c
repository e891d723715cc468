/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <stdlib.h>

#include "columns.h"
#include "escape.h"
#include "hot_files_text.h"
#include "subtract.h"

#define NAME_MOST 20		/* of a share, a user, a client */
#define PATH_LEAST 20		/* else it has a line of its own */
#define INDENT 2

unsigned hot_files_shown(const struct options *o, const struct hot_files *f)
{
	return o->top == 0 || o->top > f->count ? f->count : o->top;
}

/* The columns, each with the blank before it, in the order to be left out. */
enum { TIME, REQUESTS, READ, WRITTEN, ERRORS, MISSED, COLUMNS };

static const struct {
	const char *title;
	unsigned width;
} columns[COLUMNS] = {
	[TIME] = { "Time ms", 9 },
	[REQUESTS] = { "Requests", 9 },
	[ERRORS] = { "Errs", 7 },
	[READ] = { "Read B", 9 },
	[WRITTEN] = { "Written B", 10 },
	[MISSED] = { "At most", 8 },
};

struct layout {
	unsigned columns;		/* how many of them */
	unsigned share, user, client;	/* widths; 0: it has no column */
	unsigned width;			/* of the path */
	bool two_lines;
};

static unsigned name_width(unsigned width, const char *name)
{
	unsigned wanted = name != NULL ? name_columns(name) + 1 : 0;

	wanted = wanted < NAME_MOST ? wanted : NAME_MOST;
	return wanted > width ? wanted : width;
}

static void layout_for(struct layout *l, const struct options *o,
		       const struct hot_files *f)
{
	unsigned width = terminal_width(stdout), numbers = 0, names, i;

	*l = (struct layout){ .share = sizeof("Share") };
	if (o->report.by & BY(BY_USER)) {
		l->user = sizeof("User");
	}
	if (o->report.by & BY(BY_CLIENT)) {
		l->client = sizeof("Client");
	}
	for (i = 0; i < hot_files_shown(o, f); i++) {
		l->share = name_width(l->share, f->file[i].share);
		l->user = name_width(l->user, f->file[i].user);
		l->client = name_width(l->client, f->file[i].client);
	}
	names = l->share + l->user + l->client + 1;
	for (i = 0; i < COLUMNS; i++) {
		numbers += columns[i].width;
	}
	l->two_lines = numbers + names + PATH_LEAST > width;
	l->width = less(width, l->two_lines ? names : numbers + names,
			PATH_LEAST / 2);
	for (i = 0, numbers = INDENT; i < COLUMNS; i++) {
		numbers += columns[i].width;
		l->columns += !l->two_lines || numbers <= width;
	}
}

/* How much more it may be than what is shown; nothing where that is exact. */
static const char *missed_text(char text[CELL], uint64_t missed, uint64_t value)
{
	double percent = 100.0 * (double)missed / (double)value;

	if (missed == 0) {
		return "";
	}
	if (value == 0 || percent >= 1000) {
		return "+>999 %";
	}
	snprintf(text, CELL, percent < 10 ? "+%.1f %%" : "+%.0f %%", percent);
	return text;
}

static const char *cell(char text[CELL], const struct options *o,
			const struct hot_file *file, unsigned column)
{
	const struct latency_file_sum *sum = &file->sum;
	unsigned width = columns[column].width - 1;

	switch (column) {
	case TIME:
		snprintf(text, CELL, "%.*f", sum->time_ns < 100000000 ? 1 : 0,
			 (double)sum->time_ns / 1e6);
		return text;
	case REQUESTS:
		return cell_count(text, sum->requests, width);
	case ERRORS:
		return cell_count(text, sum->failures, width);
	case READ:
		return cell_count(text, sum->read_bytes, width);
	case WRITTEN:
		return cell_count(text, sum->written_bytes, width);
	default:
		return missed_text(text,
				   hot_figure(&file->missed, o->sort_figure),
				   hot_figure(sum, o->sort_figure));
	}
}

/* The numbers of a file, or their titles for NULL. */
static void print_numbers(const struct options *o, const struct layout *l,
			  const struct hot_file *file)
{
	char text[CELL];
	unsigned i;

	for (i = 0; i < l->columns; i++) {
		printf(" %*s", (int)columns[i].width - 1, file == NULL ?
		       columns[i].title : cell(text, o, file, i));
	}
}

static void print_names(const struct layout *l, const char *share,
			const char *user, const char *client, const char *path)
{
	char *escaped = escape_text(path);

	putchar(' ');
	print_name(stdout, share, l->share);
	if (l->user != 0) {
		print_name(stdout, user, l->user);
	}
	if (l->client != 0) {
		print_name(stdout, client, l->client);
	}
	if (escaped != NULL) {
		text_cut_front(escaped, l->width);
		puts(escaped);
	}
	free(escaped);
}

/* A file, or the titles for NULL. */
static void print_file(const struct options *o, const struct layout *l,
		       const struct hot_file *file)
{
	if (!l->two_lines) {
		print_numbers(o, l, file);
	}
	if (file != NULL) {
		print_names(l, file->share, file->user, file->client,
			    file->path);
	} else {
		print_names(l, "Share", "User", "Client",
			    o->given & GIVEN(OPTION_DIRS) ? "Directory" :
			    "File");
	}
	if (l->two_lines) {
		printf("%*s", INDENT, "");
		print_numbers(o, l, file);
		putchar('\n');
	}
}

static void print_rest(const char *what, const struct latency_file_sum *sum)
{
	if (sum->requests != 0) {
		printf("%s: %" PRIu64 " requests, %.1f ms\n", what,
		       sum->requests, (double)sum->time_ns / 1e6);
	}
}

void hot_files_text(const struct options *o, const struct hot_files *f)
{
	struct latency_file_sum others = f->all;
	struct layout l;
	unsigned i;

	layout_for(&l, o, f);
	if (f->count != 0) {
		print_file(o, &l, NULL);
	}
	for (i = 0; i < hot_files_shown(o, f); i++) {
		print_file(o, &l, &f->file[i]);
		subtract_from(&others.time_ns, f->file[i].sum.time_ns);
		subtract_from(&others.requests, f->file[i].sum.requests);
	}
	print_rest("All others", &others);
	print_rest("For no known file", &f->unknown);
	if (f->count == 0 && f->unknown.requests == 0) {
		puts("No requests");
	}
	if (f->dropped.requests != 0) {
		puts("There were more files than can be listed. Figures are at "
		     "least what is\nshown, and at most as much more as \"At "
		     "most\" says.");
	}
}
