/*
 * One run of top: what was chosen, what was read, and the rows made of both.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TOP_SESSION_H
#define TOP_SESSION_H

#include "top_draw.h"
#include "top_reading.h"
#include "top_verdict.h"

struct top_session {
	struct filter filter;		/* of the options */
	struct top_model model;
	struct top_reading reading;
	struct top_sheet sheet;
	struct row_sum all;		/* of the sheet */
	struct top_past past[TOP_LEVELS]; /* of each list on the way */
	char verdict[TOP_VERDICT];	/* if it is asked for */
	struct latency_error problem;	/* "": none */
};

/* Reads again, and makes the rows. Returns false with problem. */
bool top_session_read(struct top_session *s);

/* Does what a key is for, after the first reading. */
enum top_need top_session_key(struct top_session *s, int key);

/* What is to be shown, as text to be freed; NULL: no memory. */
char *top_session_draw(struct top_session *s, const struct top_paper *paper);

void top_session_free(struct top_session *s);

#endif
