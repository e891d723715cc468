/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "complain.h"
#include "escape.h"
#include "no_match.h"

#define MESSAGE 2048

/* Adds to a message, escaped, what fits. */
static void add(char message[MESSAGE], const char *text, bool escaped)
{
	size_t length = strlen(message);

	if (escaped) {
		escape_text_to(message + length, MESSAGE - length, text);
	} else {
		snprintf(message + length, MESSAGE - length, "%s", text);
	}
}

/* "share X; there are: a, b, ..." */
static void add_names(char message[MESSAGE], const char *what,
		      const char *wanted, const struct filter_names *n)
{
	unsigned i;

	add(message, what, false);
	add(message, wanted, true);
	add(message, n->count == 0 ? "; there are none at all" :
	    n->count == 1 ? "; there is only: " : "; there are: ", false);
	for (i = 0; i < n->count; i++) {
		add(message, i != 0 ? ", " : "", false);
		add(message, n->name[i], true);
	}
	add(message, n->more ? ", ..." : "", false);
}

int complain_no_match(const struct filter *filter,
		      const struct filter_match *m)
{
	const struct {
		const char *what;
		const char *wanted;
		const struct filter_names *names;
	} parts[] = {
		{ "of share ", filter->share, &m->share },
		{ "by user ", filter->user, &m->user },
		{ "from client ", filter->client, &m->client },
	};
	const char *known = m->others ? "is known " : "";
	char message[MESSAGE] = "";
	unsigned i;

	for (i = 0; i < 3 && message[0] == '\0'; i++) {
		if (parts[i].wanted != NULL && !parts[i].names->matched) {
			add_names(message, parts[i].what, parts[i].wanted,
				  parts[i].names);
		}
	}
	if (message[0] != '\0') {
		add(message, m->others ? "; the names of those summed up as "
		    "(others) are not kept" : "", false);
		return complain("no tree connect %s%s", known, message);
	}
	/* Each of the names is there, but not with the others. */
	for (i = 0; i < 3; i++) {
		if (parts[i].wanted != NULL) {
			add(message, message[0] != '\0' ? " " : "", false);
			add(message, parts[i].what, false);
			add(message, parts[i].wanted, true);
		}
	}
	return complain("no tree connect %s%s", known, message);
}
