/*
 * The distributions of latencies, for people.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>

#include "views.h"

#define BAR 50

/* As tsmbd: by powers of two microseconds, the buckets summed up. */
static void print_histogram(FILE *out, const char *name,
			    const struct row_sum *sum)
{
	uint64_t octave[HIST_OCTAVES] = { 0 };
	uint64_t most = 0;
	unsigned i, low = HIST_OCTAVES, high = 0;
	double us;

	for (i = 0; i < HIST_BUCKETS; i++) {
		octave[i / HIST_SUB] += sum->histogram[i];
	}
	for (i = 0; i < HIST_OCTAVES; i++) {
		if (octave[i] != 0) {
			low = i < low ? i : low;
			high = i;
		}
		most = octave[i] > most ? octave[i] : most;
	}
	if (most == 0) {
		return;
	}
	fprintf(out, "\n%s distribution (microseconds)\n", name);
	fprintf(out, "      value |%.*s count\n", BAR,
		"--------------------------------------------------");
	for (i = low > 0 ? low - 1 : low;
	     i <= (high < HIST_OCTAVES - 1 ? high + 1 : high); i++) {
		int bar = (int)((octave[i] * BAR + most - 1) / most);

		us = (double)hist_lower(i * HIST_SUB) / 1000;
		fprintf(out, "%11.*f |%.*s%*s %9" PRIu64 "\n",
			us < 10 ? 3 : 0, us, bar,
			"@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
			BAR - bar, "", octave[i]);
	}
}

static void print_distributions(const struct table *table, enum dimension key,
				const char *of, FILE *out)
{
	char name[sizeof(((struct latency_op *)NULL)->name) + 16];
	unsigned i;

	for (i = 0; i < table_count(table); i++) {
		snprintf(name, sizeof(name), "%s%s",
			 group_name(table_at(table, i), key), of);
		print_histogram(out, name, &table_at(table, i)->sum);
	}
}

void report_histograms(const struct report *r, FILE *out)
{
	print_distributions(r->requests, BY_REQUEST, "", out);
	print_distributions(r->pending, BY_REQUEST, " pending", out);
	print_distributions(r->logon, BY_REQUEST, "", out);
	if (r->options.ops) {
		print_distributions(r->ops, BY_OP, "", out);
	}
}
