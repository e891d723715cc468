/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "history_column.h"

void history_column_name(struct sqlite3_stmt *s, int column, char *to,
			 size_t size)
{
	const char *text = (const char *)sqlite3_column_text(s, column);
	char *copy = strdup(text != NULL ? text : "");

	to[0] = '\0';
	if (copy != NULL) {
		unescape_text(copy);
		snprintf(to, size, "%s", copy);
		free(copy);
	}
}

void history_bind_name(struct sqlite3_stmt *s, int number, const char *name)
{
	char *text = escape_text(name);

	/* No memory: NULL, which no column takes. */
	sqlite3_bind_text(s, number, text, -1, text != NULL ? free :
			  SQLITE_STATIC);
}
