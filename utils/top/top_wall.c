/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "columns.h"
#include "top_wall.h"

#define LABEL 9u			/* "receive", and two blanks */
#define PERCENT 8u			/* " 100.0 %" */
#define BAR_MOST 100u

struct part {
	const char *brief;
	uint64_t ns;
};

enum {
#define WALL_PART(name, label, brief, doc) PART_##name,
#include "latency_wall.h"
	PART_UNDER_WAY,
	PARTS,
};

/* A bar of `columns` columns, of which this part, 0 to 1, is full. */
static void draw_bar(double part, unsigned columns, bool ascii, FILE *out)
{
	/* Eighths of a column, from none to all of it. */
	static const char *const blocks[] = {
		" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉", "█",
	};
	unsigned eighths, c;

	part = part < 0 ? 0 : part > 1 ? 1 : part;
	eighths = (unsigned)(part * columns * 8 + 0.5);
	for (c = 0; c < columns; c++) {
		unsigned here = eighths < 8 ? eighths : 8;

		if (ascii) {
			fputs(here >= 4 ? "#" : " ", out);
		} else {
			fputs(blocks[here], out);
		}
		eighths -= here;
	}
}

/* The least of what a part must have to be among the `lines` largest. */
static uint64_t least_of(const struct part *parts, unsigned lines)
{
	uint64_t least = 0;
	unsigned i, j;

	for (i = 0; i < PARTS && lines < PARTS; i++) {
		unsigned larger = 0;

		for (j = 0; j < PARTS; j++) {
			larger += parts[j].ns > parts[i].ns;
		}
		if (larger >= lines && parts[i].ns >= least) {
			least = parts[i].ns + 1;
		}
	}
	return least;
}

static void draw_part(const struct part *part, uint64_t wall_ns,
		      const struct top_paper *paper, FILE *out)
{
	double share = (double)part->ns / (double)wall_ns;
	unsigned room = less(paper->width, LABEL + PERCENT, 0);

	fprintf(out, "%-*s", (int)LABEL, part->brief);
	room = room < BAR_MOST ? room : BAR_MOST;
	/* Where hardly any room is left the number says it all. */
	if (room >= 4) {
		draw_bar(share, room, paper->ascii, out);
	}
	fprintf(out, " %5.1f %%\n", share * 100);
}

unsigned top_wall_draw(const struct wall_time *time,
		       const struct top_paper *paper, unsigned lines,
		       FILE *out)
{
	const struct part parts[PARTS] = {
#define WALL_PART(name, label, brief, doc) \
		[PART_##name] = { brief, time->name##_ns },
#include "latency_wall.h"
		[PART_UNDER_WAY] = { "not yet", time->under_way_ns },
	};
	uint64_t least = least_of(parts, lines);
	unsigned i, drawn = 0;

	if (time->wall_ns == 0) {
		if (lines != 0) {
			fputs("no smbd was measured\n", out);
		}
		return lines != 0;
	}
	for (i = 0; i < PARTS; i++) {
		/* What is not known yet is no part where there is none. */
		if (drawn < lines && parts[i].ns >= least &&
		    (i != PART_UNDER_WAY || parts[i].ns != 0)) {
			draw_part(&parts[i], time->wall_ns, paper, out);
			drawn++;
		}
	}
	return drawn;
}
