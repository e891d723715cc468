/*
 * What the user of top has chosen, and how keys change it. It knows nothing of
 * terminals, and nothing of where the rows come from.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_MODEL_H
#define TOP_MODEL_H

#include "filter.h"
#include "top_sheet.h"

#define TOP_LEVELS 8
#define TOP_TYPED 128			/* bytes of what is looked for */

/* A list, as it was left by Enter. */
struct top_level {
	enum top_view view;
	char *chosen; /* name of the row; NULL: whichever is the first */
	unsigned at;			/* its number, of those shown */
	char looked_for[TOP_TYPED];	/* "": all */
};

struct top_model {
	struct top_level level[TOP_LEVELS]; /* those before depth: the way */
	unsigned depth;
	unsigned sort[TOP_KINDS];	/* column */
	bool reverse;
	bool total;			/* since counting began */
	bool paused;
	bool help;
	bool no_wall;
	bool no_past;			/* the last minutes */
	bool verdict;			/* of why */
	bool typing;			/* what is looked for */
	unsigned first;			/* row at the top of the screen */
	/* Set by drawing: rows on the screen, and most that the list had. */
	unsigned page, most;
};

/* What has to be done when a key was pressed. */
enum top_need {
	TOP_NEED_NOTHING,
	TOP_NEED_DRAWING,
	TOP_NEED_ROWS,			/* made of what was read */
	TOP_NEED_END,
};

void top_model_init(struct top_model *m, enum top_view view);
void top_model_free(struct top_model *m);

/* The list that is shown. */
const struct top_level *top_level(const struct top_model *m);

/* sheet: what is shown. */
enum top_need top_model_key(struct top_model *m, int key,
			    const struct top_sheet *sheet);

/* Finds the chosen row among new ones, and the first on the screen. */
void top_model_settle(struct top_model *m, const struct top_sheet *sheet);

/*
 * The way to the list as a filter, beside the program's options, which it may
 * replace; and the dimensions that it names, BY() or'ed.
 */
void top_model_filter(const struct top_model *m, struct filter *filter);
unsigned top_model_by(const struct top_model *m);

/* The name that the way has in a dimension; NULL: none. */
const char *top_model_name(const struct top_model *m,
			   enum dimension dimension);

#endif
