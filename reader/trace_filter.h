/*
 * Which part of a trace is wanted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRACE_FILTER_H
#define TRACE_FILTER_H

#include "filter.h"

/* NULL, 0 or false: all. */
struct trace_filter {
	struct filter filter;
	char **names;			/* of ops and requests; NULL ends it */
	const char *path;		/* pattern, as of a shell */
	uint64_t longer_ns;
};

/*
 * Is one of the names that of an op or, with or without "SMB2_OP_", of a
 * request? "request" is that of any request.
 */
bool trace_filter_name(const struct trace_filter *filter, const char *name,
		       bool is_request);

/* In a pattern, * and ? are any characters, slashes among them. */
bool trace_filter_path(const struct trace_filter *filter, const char *path);

#endif
