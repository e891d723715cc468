/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "doctor_check.h"

/* -------------------------------- telling -------------------------------- */

static void __attribute__((format(printf, 3, 0)))
add(struct doctor *d, enum doctor_state state, const char *format,
    va_list args)
{
	struct doctor_findings *all = d->findings;
	struct doctor_finding *more = realloc(all->finding, (all->count + 1) *
					      sizeof(*more));

	if (more == NULL) {
		all->incomplete = true;
		return;
	}
	all->finding = more;
	more += all->count;
	memset(more, 0, sizeof(*more));
	more->check = d->check;
	more->state = state;
	more->why = state != DOCTOR_FINE ? d->why : NULL;
	if (vasprintf(&more->what, format, args) == -1) {
		all->incomplete = true;
		return;
	}
	all->count++;
}

void fine(struct doctor *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, DOCTOR_FINE, format, args);
	va_end(args);
}

void wrong(struct doctor *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, DOCTOR_WRONG, format, args);
	va_end(args);
}

void note(struct doctor *d, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	add(d, DOCTOR_NOTE, format, args);
	va_end(args);
}

void action(struct doctor *d, const char *format, ...)
{
	struct doctor_findings *all = d->findings;
	char *text = NULL;
	va_list args;

	va_start(args, format);
	if (vasprintf(&text, format, args) == -1) {
		text = NULL;
	}
	va_end(args);
	if (text == NULL || all->incomplete) {
		all->incomplete = true;
		free(text);
		return;
	}
	all->finding[all->count - 1].action = text;
}

/* ------------------------- what there is to look at ---------------------- */

const char *conf_words(const struct doctor *d)
{
	static char words[PATH_MAX + 8];

	if (d->at->configfile == NULL) {
		return "";
	}
	snprintf(words, sizeof(words), " -s %s", d->at->configfile);
	return words;
}

bool share_measured(const struct installation *at, const char *share)
{
	unsigned count;

	return objects_position(samba_conf_objects(&at->conf, share),
				&count) != 0;
}
