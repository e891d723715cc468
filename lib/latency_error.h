/*
 * What went wrong, in words for the log or the terminal.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef LATENCY_ERROR_H
#define LATENCY_ERROR_H

#include <stdbool.h>

struct latency_error {
	char text[512];			/* one line, names the file */
};

/*
 * Sets the text, cut to fit, as printf does; nothing if error is NULL: nobody
 * asks for it. Leaves errno as it is.
 */
void error_set(struct latency_error *error, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/*
 * Adds one to an array of so many, from malloc(), NULL in the beginning.
 * Returns false if there is no memory.
 */
bool errors_add(struct latency_error **errors, unsigned *count,
		const struct latency_error *error);

#endif
