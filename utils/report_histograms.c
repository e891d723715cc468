/*
 * The distributions of latencies and sizes, for people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>

#include "views.h"

#define BAR 50
#define LABEL 24

#define MOST_LINES HIST_OCTAVES
_Static_assert(SIZE_BUCKETS <= MOST_LINES, "sizes have as many lines at most");

/* Where a line begins, as text. */
typedef void label_fn(unsigned line, char label[LABEL]);

static void label_us(unsigned octave, char label[LABEL])
{
	double us = (double)hist_lower(octave * HIST_SUB) / 1000;

	snprintf(label, LABEL, "%.*f", us < 10 ? 3 : 0, us);
}

static void label_bytes(unsigned bucket, char label[LABEL])
{
	uint64_t bytes = size_lower(bucket);

	if (bytes >= 1 << 20) {
		snprintf(label, LABEL, "%" PRIu64 "M", bytes >> 20);
	} else if (bytes >= 1 << 10) {
		snprintf(label, LABEL, "%" PRIu64 "K", bytes >> 10);
	} else {
		snprintf(label, LABEL, "%" PRIu64, bytes);
	}
}

/* As tsmbd: from the line before the first that has any to the one behind. */
static void print_lines(FILE *out, const uint64_t *count, unsigned lines,
			label_fn *label_of)
{
	unsigned i, low = lines, high = 0;
	uint64_t most = 0;

	for (i = 0; i < lines; i++) {
		if (count[i] != 0) {
			low = i < low ? i : low;
			high = i;
		}
		most = count[i] > most ? count[i] : most;
	}
	fprintf(out, "      value |%.*s count\n", BAR,
		"--------------------------------------------------");
	for (i = low > 0 ? low - 1 : low;
	     i <= (high < lines - 1 ? high + 1 : high); i++) {
		int bar = (int)((count[i] * BAR + most - 1) / most);
		char label[LABEL];

		label_of(i, label);
		fprintf(out, "%11s |%.*s%*s %9" PRIu64 "\n", label, bar,
			"@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
			BAR - bar, "", count[i]);
	}
}

/* By powers of two microseconds, the buckets summed up. */
static void print_latencies(FILE *out, const char *name,
			    const struct row_sum *sum)
{
	uint64_t octave[HIST_OCTAVES] = { 0 };
	unsigned i;

	if (sum->count == 0) {
		return;
	}
	for (i = 0; i < HIST_BUCKETS; i++) {
		octave[i / HIST_SUB] += sum->histogram[i];
	}
	fprintf(out, "\n%s distribution (microseconds)\n", name);
	print_lines(out, octave, HIST_OCTAVES, label_us);
}

static void print_sizes(FILE *out, const char *name, const struct row_sum *sum)
{
	uint64_t moved = 0;
	unsigned i;

	for (i = 0; i < SIZE_BUCKETS; i++) {
		moved += sum->sizes[i];
	}
	if (moved == 0) {
		return;
	}
	fprintf(out, "\n%s sizes (bytes)\n", name);
	print_lines(out, sum->sizes, SIZE_BUCKETS, label_bytes);
}

typedef void print_fn(FILE *out, const char *name, const struct row_sum *sum);

static void print_all(const struct table *table, enum dimension key,
		      const char *of, print_fn *print, FILE *out)
{
	char name[sizeof(((struct latency_op *)NULL)->name) + 16];
	unsigned i;

	for (i = 0; i < table_count(table); i++) {
		snprintf(name, sizeof(name), "%s%s",
			 group_name(table_at(table, i), key), of);
		print(out, name, &table_at(table, i)->sum);
	}
}

void report_histograms(const struct report *r, FILE *out)
{
	if (r->options.histograms) {
		print_all(r->requests, BY_REQUEST, "", print_latencies, out);
		print_all(r->pending, BY_REQUEST, " pending", print_latencies,
			  out);
		print_all(r->logon, BY_REQUEST, "", print_latencies, out);
		if (r->options.ops) {
			print_all(r->ops, BY_OP, "", print_latencies, out);
		}
	}
	if (r->options.sizes) {
		print_all(r->requests, BY_REQUEST, "", print_sizes, out);
		if (r->options.ops) {
			print_all(r->ops, BY_OP, "", print_sizes, out);
		}
	}
}
