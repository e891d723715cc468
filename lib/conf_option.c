/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "conf_option.h"

static const char prefix[] = "latency:";

enum { SHARE = false, GLOBAL = true };

static const struct conf_option options[] = {
#define LATENCY_OPTION(name, where, kind, doc) \
	{ "latency:" name, CONF_##kind, where },
#include "latency_options.h"
};

#define OPTIONS_COUNT (sizeof(options) / sizeof(options[0]))
#define WORD 64				/* bytes of a name that are looked at */

/* A name as Samba compares it. */
static void reduce(char word[WORD], const char *name)
{
	size_t length = 0;

	for (; *name != '\0' && length < WORD - 1; name++) {
		if (!isspace((unsigned char)*name)) {
			word[length++] = (char)tolower((unsigned char)*name);
		}
	}
	word[length] = '\0';
}

/*
 * How many characters must be inserted, removed or replaced to make one word of
 * the other (Levenshtein's distance). Both are shorter than WORD.
 */
static unsigned distance(const char *a, const char *b)
{
	unsigned row[WORD], diagonal, above, best, i, j;
	const unsigned b_length = (unsigned)strlen(b);

	for (j = 0; j <= b_length; j++) {
		row[j] = j;
	}
	for (i = 1; a[i - 1] != '\0'; i++) {
		diagonal = row[0];
		row[0] = i;
		for (j = 1; j <= b_length; j++) {
			above = row[j];
			best = diagonal + (a[i - 1] != b[j - 1]);
			best = above + 1 < best ? above + 1 : best;
			best = row[j - 1] + 1 < best ? row[j - 1] + 1 : best;
			diagonal = above;
			row[j] = best;
		}
	}
	return row[b_length];
}

const struct conf_option *conf_option_find(const char *name)
{
	char wanted[WORD], known[WORD];
	size_t i;

	reduce(wanted, name);
	for (i = 0; i < OPTIONS_COUNT; i++) {
		reduce(known, options[i].name);
		if (strcmp(wanted, known) == 0) {
			return &options[i];
		}
	}
	return NULL;
}

bool almost(const char *name, const char *word)
{
	char a[WORD], b[WORD];

	reduce(a, name);
	reduce(b, word);
	return strcmp(name, word) != 0 &&
		(distance(a, b) <= 2 || strstr(a, b) != NULL);
}

const struct conf_option *conf_option_meant(const char *name, bool *near)
{
	const struct conf_option *nearest = NULL;
	const char *colon = strchr(name, ':');
	unsigned least = WORD, d;
	char type[WORD], wanted[WORD], known[WORD];
	size_t i;

	if (colon == NULL) {
		return NULL;
	}
	snprintf(type, sizeof(type), "%.*s", (int)(colon - name), name);
	if (strcasecmp(type, "latency") != 0 && !almost(type, "latency")) {
		return NULL;
	}
	reduce(wanted, colon + 1);
	for (i = 0; i < OPTIONS_COUNT; i++) {
		reduce(known, options[i].name + strlen(prefix));
		d = distance(wanted, known);
		if (d < least) {
			least = d;
			nearest = &options[i];
		}
	}
	*near = least <= strlen(wanted) / 3 + 1;
	return nearest;
}

bool conf_milliseconds(const char *text, int *ms)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 0);
	*ms = (int)value;
	return errno == 0 && end != text && *end == '\0' && value >= 0 &&
		value <= INT_MAX;
}
