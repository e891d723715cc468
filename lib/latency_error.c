/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "latency_error.h"

void error_set(struct latency_error *error, const char *format, ...)
{
	int saved_errno = errno;
	va_list args;

	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	errno = saved_errno;
}
