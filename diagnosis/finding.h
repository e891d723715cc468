/*
 * A finding of the diagnosis: a cause with what it costs, and the figures that
 * show it. Each number in its sentences is one of its figures, so that what is
 * said and what programs read cannot differ.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FINDING_H
#define FINDING_H

#include <stddef.h>
#include <stdint.h>

/* Below a twentieth of the clients' time a finding is not worth a line. */
#define FINDING_LEAST_SHARE 0.05

#define FINDING_FIGURES 12u
/* Bytes of a name within a sentence, and of an IPv6 address. */
#define FINDING_NAME 22u
#define FINDING_ADDRESS 40u

enum figure_unit {
	FIGURE_COUNT,
	FIGURE_NS,
	FIGURE_BYTES,
	FIGURE_RATIO,			/* shown in percent */
	FIGURE_PER_S,
	FIGURE_BYTES_PER_S,
};

struct figure {
	const char *name;		/* for programs: "average" */
	enum figure_unit unit;
	double value;
	char text[32];			/* for people: "12.1 ms" */
};

enum confidence {
	CONFIDENCE_POSSIBLE,		/* something else would look alike */
	CONFIDENCE_LIKELY,
	CONFIDENCE_CERTAIN,		/* measured directly */
};

/* What a row of cause_table.h says. */
struct cause {
	const char *name;
	const char *title;
	const char *means;
	const char *advice;
	const char *condition;
};

struct finding {
	const struct cause *cause;
	uint64_t saved_ns; /* of the clients' time, if the cause were gone */
	uint64_t calls;			/* that it made slower */
	double share;			/* of the clients' time: 0 to 1 */
	enum confidence confidence;
	char evidence[400];		/* a sentence or two */
	const char *command;		/* that shows the same */
	struct figure figure[FINDING_FIGURES];
	unsigned figures;
};

/* Adds a figure; its text, to be put into a sentence. */
const char *finding_figure(struct finding *f, const char *name,
			   enum figure_unit unit, double value);

/* Adds to the evidence. */
void finding_say(struct finding *f, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* A name escaped, and cut to what a sentence has room for. */
const char *finding_name(char *to, size_t size, const char *name);

/* Name of a unit, as in JSON; of a confidence. */
const char *figure_unit_name(enum figure_unit unit);
const char *confidence_name(enum confidence confidence);

#endif
