/*
 * Names in columns of the history: they are escaped there, see escape.h.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef HISTORY_COLUMN_H
#define HISTORY_COLUMN_H

#include <stddef.h>

struct sqlite3_stmt;

/* The name in a column of a row, cut to size bytes. */
void history_column_name(struct sqlite3_stmt *s, int column, char *to,
			 size_t size);

/* Puts a name in the place of this parameter. */
void history_bind_name(struct sqlite3_stmt *s, int number, const char *name);

#endif
