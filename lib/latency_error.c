/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "latency_error.h"

void error_set(struct latency_error *error, const char *format, ...)
{
	int saved_errno = errno;
	va_list args;

	if (error == NULL) {
		return;
	}
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	errno = saved_errno;
}

bool errors_add(struct latency_error **errors, unsigned *count,
		const struct latency_error *error)
{
	struct latency_error *more = realloc(*errors, (*count + 1) *
					     sizeof(*more));

	if (more == NULL) {
		return false;
	}
	*errors = more;
	more[(*count)++] = *error;
	return true;
}
