/*
 * The ways to show a trace: one file trace_NAME.c each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef TRACE_VIEW_H
#define TRACE_VIEW_H

#include "trace_group.h"

struct trace_view {
	void (*begin)(void);
	void (*group)(const struct trace_group *group);
	void (*lost)(uint32_t pid, uint64_t events);
	void (*end)(void);
};

extern const struct trace_view trace_text, trace_json, trace_perfetto,
	trace_summary;

#endif
