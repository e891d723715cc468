/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <inttypes.h>
#include <string.h>

#include "json_value.h"
#include "metrics_text.h"

void metrics_family(const struct metrics_out *p, const char *name,
		    const char *type, const char *unit, const char *help)
{
	const char *suffix = p->format == METRICS_PROMETHEUS &&
		strcmp(type, "counter") == 0 ? "_total" : "";

	fprintf(p->out, "# HELP %s%s %s\n# TYPE %s%s %s\n", name, suffix,
		help, name, suffix, type);
	if (unit != NULL && p->format == METRICS_OPENMETRICS) {
		fprintf(p->out, "# UNIT %s %s\n", name, unit);
	}
}

void metrics_label(const struct metrics_out *p, const char *name,
		   const char *value, bool first)
{
	json_t *text = json_text(value);
	const char *c;

	fprintf(p->out, "%s%s=\"", first ? "" : ",", name);
	for (c = json_string_value(text); *c != '\0'; c++) {
		if (*c == '\n') {
			fputs("\\n", p->out);
		} else {
			if (*c == '"' || *c == '\\') {
				fputc('\\', p->out);
			}
			fputc(*c, p->out);
		}
	}
	fputc('"', p->out);
	json_decref(text);
}

void metrics_seconds(const struct metrics_out *p, uint64_t ns)
{
	fprintf(p->out, "%" PRIu64 ".%09" PRIu64 "\n", ns / 1000000000u,
		ns % 1000000000u);
}

void metrics_single(const struct metrics_out *p, const char *name,
		    const char *type, uint64_t value, const char *help)
{
	metrics_family(p, name, type, NULL, help);
	fprintf(p->out, "%s%s %" PRIu64 "\n", name,
		strcmp(type, "counter") == 0 ? "_total" : "", value);
}
