/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "why_json.h"

#define GUIDE "docs/guide.md"

void why_page(const struct finding *f, char page[WHY_PAGE])
{
	char *c;

	snprintf(page, WHY_PAGE, "%s#%s", GUIDE, f->cause->name);
	for (c = page; *c != '\0'; c++) {
		*c = *c == '_' ? '-' : *c;
	}
}

static json_t *figures_json(const struct finding *f)
{
	json_t *array = json_array();
	unsigned i;

	for (i = 0; i < f->figures; i++) {
		const struct figure *figure = &f->figure[i];
		json_t *object = json_object();

		json_object_set_new(object, "name",
				    json_string(figure->name));
		json_object_set_new(object, "value",
				    json_real(figure->value));
		json_object_set_new(object, "unit", json_string(
					    figure_unit_name(figure->unit)));
		json_object_set_new(object, "text",
				    json_string(figure->text));
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *finding_json(const struct finding *f, bool is_main)
{
	json_t *object = json_object();
	char page[WHY_PAGE];

	why_page(f, page);
	json_object_set_new(object, "cause", json_string(f->cause->name));
	json_object_set_new(object, "main", json_boolean(is_main));
	json_object_set_new(object, "title", json_string(f->cause->title));
	json_object_set_new(object, "share", json_real(f->share));
	json_set(object, "saved_ns", f->saved_ns);
	json_object_set_new(object, "confidence",
			    json_string(confidence_name(f->confidence)));
	json_object_set_new(object, "evidence", json_string(f->evidence));
	json_object_set_new(object, "figures", figures_json(f));
	json_object_set_new(object, "command", json_string(f->command));
	json_object_set_new(object, "do", json_string(f->cause->advice));
	json_object_set_new(object, "page", json_string(page));
	return object;
}

json_t *why_json(const struct account *a, const struct diagnosis *d)
{
	json_t *object = json_object(), *findings = json_array();
	unsigned i;

	for (i = 0; i < d->findings; i++) {
		json_array_append_new(findings, finding_json(&d->finding[i],
							     i < d->main));
	}
	json_object_set_new(object, "timestamp", json_timestamp(
				    a->report->until_realtime_ns));
	json_object_set_new(object, "since", json_timestamp(
				    a->report->since_realtime_ns));
	json_object_set_new(object, "interval",
			    json_boolean(a->report->interval));
	json_set(object, "processes", a->report->coverage.processes);
	json_set(object, "departed_processes", a->report->coverage.departed);
	json_object_set_new(object, "state", json_string(
				    diagnosis_state_name(d->state)));
	json_object_set_new(object, "verdict", json_string(d->verdict));
	json_object_set_new(object, "figures", figures_json(&d->general));
	json_set(object, "clients_ns", a->clients_ns);
	json_set(object, "at_work_ns", a->at_work_ns);
	json_set(object, "wall_ns", a->time.wall_ns);
	json_set(object, "requests", a->requests);
	json_object_set_new(object, "findings", findings);
	return object;
}
