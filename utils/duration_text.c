/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

#include "duration_text.h"
#include "time_ns.h"

const char *duration_show(uint64_t ns, char text[DURATION_SHOWN])
{
	static const struct { unsigned seconds; const char *name; } units[] = {
		{ 86400, "d" }, { 3600, "h" }, { 60, "min" }, { 1, "s" },
	};
	uint64_t seconds = ns / NS_PER_S, rest;
	unsigned i;

	if (ns < 10 * (uint64_t)NS_PER_S) {
		snprintf(text, DURATION_SHOWN, "%g s",
			 (double)(ns / 1000000) / 1000);
		return text;
	}
	for (i = 0; i < 3 && seconds < units[i].seconds; i++) {
	}
	rest = seconds % units[i].seconds;
	if (i < 3 && rest / units[i + 1].seconds != 0) {
		snprintf(text, DURATION_SHOWN, "%u %s %u %s",
			 (unsigned)(seconds / units[i].seconds), units[i].name,
			 (unsigned)(rest / units[i + 1].seconds),
			 units[i + 1].name);
	} else {
		snprintf(text, DURATION_SHOWN, "%u %s",
			 (unsigned)(seconds / units[i].seconds), units[i].name);
	}
	return text;
}
