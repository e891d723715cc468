/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <fnmatch.h>
#include <string.h>
#include <strings.h>

#include "trace_filter.h"

static const char opcode_prefix[] = "SMB2_OP_";

static bool is_name_of_request(const char *wanted, const char *name)
{
	const size_t prefix = sizeof(opcode_prefix) - 1;

	return strcmp(wanted, "request") == 0 ||
		strcasecmp(wanted, name) == 0 ||
		(strncmp(name, opcode_prefix, prefix) == 0 &&
		 strcasecmp(wanted, name + prefix) == 0);
}

bool trace_filter_name(const struct trace_filter *filter, const char *name,
		       bool is_request)
{
	char **wanted = filter->names;

	for (; wanted != NULL && *wanted != NULL; wanted++) {
		if (is_request ? is_name_of_request(*wanted, name) :
		    strcmp(*wanted, name) == 0) {
			return true;
		}
	}
	return filter->names == NULL;
}

bool trace_filter_path(const struct trace_filter *filter, const char *path)
{
	return filter->path == NULL ||
		(path[0] != '\0' && fnmatch(filter->path, path, 0) == 0);
}
