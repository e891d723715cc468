/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "columns.h"
#include "frame.h"
#include "latency_hist.h"
#include "top_map.h"

#define LABEL 13u			/* columns before the moments */

/* The first of the moments that there is room for. */
static unsigned first_shown(const struct top_past *past,
			    const struct top_paper *paper)
{
	unsigned room = less(paper->width, LABEL, 0);

	return past->count > room ? past->count - room : 0;
}

/* ------------------------------ sparklines ------------------------------- */

static double rate_of(const struct top_moment *m)
{
	return m->rate;
}

static double p99_of(const struct top_moment *m)
{
	return (double)m->p99_ns;
}

static void draw_spark(const struct top_past *past,
		       const struct top_paper *paper,
		       double (*value)(const struct top_moment *m), FILE *out)
{
	static const char *const blocks[] = { "▁", "▂", "▃", "▄",
					      "▅", "▆", "▇", "█" };
	static const char ascii[] = "_.-=+*%#";
	unsigned i, first = first_shown(past, paper);
	double most = 0;

	for (i = first; i < past->count; i++) {
		double v = value(&past->moment[i]);

		most = v > most ? v : most;
	}
	for (i = first; i < past->count; i++) {
		double v = value(&past->moment[i]);
		/* Whatever is there is seen; the most is the whole height. */
		unsigned height = v <= 0 ? 0 : (unsigned)(v / most * 7.999);

		if (!past->moment[i].known || v <= 0) {
			fputc(' ', out);
		} else if (paper->ascii) {
			fputc(ascii[height], out);
		} else {
			fputs(blocks[height], out);
		}
	}
	fputc('\n', out);
}

void top_sparks_draw(const struct top_past *past,
		     const struct top_paper *paper, FILE *out)
{
	const struct top_moment *last = past->count != 0 ?
		&past->moment[past->count - 1] : NULL;
	char text[CELL];

	fprintf(out, "%-4s%8s ", "/s", last == NULL ? "-" :
		cell_count(text, (uint64_t)(last->rate + 0.5), 8));
	draw_spark(past, paper, rate_of, out);
	fprintf(out, "%-4s%8s ", "p99", last == NULL || last->count == 0 ?
		"-" : cell_us(text, last->p99_ns, 8));
	draw_spark(past, paper, p99_of, out);
}

/* ------------------------------- heat map -------------------------------- */

/* The lowest and highest octave that anything took; false: nothing did. */
static bool octaves_hit(const struct top_past *past, unsigned first,
			unsigned *low, unsigned *high)
{
	unsigned i, k;

	*low = HIST_OCTAVES;
	*high = 0;
	for (i = first; i < past->count; i++) {
		for (k = 0; k < HIST_OCTAVES; k++) {
			if (past->moment[i].octave[k] != 0) {
				*low = k < *low ? k : *low;
				*high = k > *high ? k : *high;
			}
		}
	}
	return *low <= *high;
}

static const char *shade(double part, bool ascii)
{
	static const char *const blocks[] = { " ", "░", "▒", "▓", "█" };
	static const char *const letters[] = { " ", ".", "+", "*", "#" };
	unsigned dark = part <= 0 ? 0 : part < 0.02 ? 1 : part < 0.1 ? 2 :
		part < 0.4 ? 3 : 4;

	return (ascii ? letters : blocks)[dark];
}

/* A line of the map: the octaves from `from` on, before `end`. */
static void draw_octaves(const struct top_past *past,
			 const struct top_paper *paper, unsigned from,
			 unsigned end, FILE *out)
{
	unsigned i, k;
	char text[CELL];

	fprintf(out, "%8s us  ", cell_us(text, hist_lower(from * HIST_SUB),
					 8));
	for (i = first_shown(past, paper); i < past->count; i++) {
		const struct top_moment *m = &past->moment[i];
		unsigned p99 = hist_bucket(m->p99_ns) / HIST_SUB;
		bool mark = m->count != 0 && p99 >= from && p99 < end;
		uint64_t calls = 0;

		for (k = from; k < end; k++) {
			calls += m->octave[k];
		}
		fprintf(out, "%s%s%s", mark ? STYLE_NOTE : "",
			shade(m->count == 0 ? 0 : (double)calls /
			      (double)m->count, paper->ascii),
			mark ? STYLE_PLAIN : "");
	}
	fputc('\n', out);
}

unsigned top_map_draw(const struct top_past *past,
		      const struct top_paper *paper, unsigned lines, FILE *out)
{
	unsigned low, high, each, k, drawn = 0;

	if (lines == 0 ||
	    !octaves_hit(past, first_shown(past, paper), &low, &high)) {
		return 0;
	}
	each = (high - low + lines) / lines;
	for (k = (high - low) / each + 1; k-- > 0;) {
		unsigned from = low + k * each;
		unsigned end = from + each < HIST_OCTAVES ? from + each :
			HIST_OCTAVES;

		draw_octaves(past, paper, from, end, out);
		drawn++;
	}
	return drawn;
}
