/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>
#include <unistd.h>

#include "page_source.h"
#include "report_json.h"
#include "why_json.h"

static const enum dimension dimensions[PAGE_BY] = { BY_SHARE, BY_USER,
						    BY_CLIENT };

bool page_source_init(struct page_source *s, const struct filter *filter)
{
	unsigned i;

	memset(s, 0, sizeof(*s));
	if (!account_init(&s->account, filter)) {
		return false;
	}
	for (i = 0; i < PAGE_BY; i++) {
		const struct report_options options = {
			.filter = *filter,
			.by = BY(dimensions[i]),
		};

		s->by[i] = report_new(&options);
		if (s->by[i] == NULL) {
			return false;
		}
	}
	return true;
}

bool page_source_add(struct page_source *s, const struct segment_image *image)
{
	unsigned i;

	for (i = 0; i < PAGE_BY; i++) {
		if (!report_add(s->by[i], image)) {
			return false;
		}
	}
	return account_add(&s->account, image);
}

bool page_source_finish(struct page_source *s, const struct snapshot *snapshot,
			struct snapshot *earlier)
{
	unsigned i;

	/* The account first: it wants the earlier one as it was. */
	if (!account_finish(&s->account, snapshot, earlier)) {
		return false;
	}
	for (i = 0; i < PAGE_BY; i++) {
		if (!report_finish(s->by[i], snapshot, earlier)) {
			return false;
		}
	}
	return true;
}

void page_source_free(struct page_source *s)
{
	unsigned i;

	for (i = 0; i < PAGE_BY; i++) {
		report_free(s->by[i]);
	}
	account_free(&s->account);
}

/* ----------------------------- as JSON ----------------------------------- */

/* The parts of the wall clock: their keys in a report, and what they are. */
static json_t *wall_parts(void)
{
	json_t *array = json_array();

#define WALL_PART(name, label, brief, doc) \
	json_array_append_new(array, json_pack("{s:s, s:s, s:s}", \
					       "key", #name "_us", \
					       "label", label, "doc", doc));
#include "latency_wall.h"
	return array;
}

static json_t *host(void)
{
	char name[256] = "";

	gethostname(name, sizeof(name) - 1);
	return json_text(name);
}

json_t *page_source_json(const struct page_source *s)
{
	static struct diagnosis diagnosis;
	json_t *data = json_object(), *by = json_object();
	unsigned i;

	diagnose(&s->account, &diagnosis);
	for (i = 0; i < PAGE_BY; i++) {
		json_object_set_new(by, dimension_name(dimensions[i]),
				    report_json_table(s->by[i]->by_requests,
						      false));
	}
	json_object_set_new(data, "host", host());
	json_object_set_new(data, "wall_parts", wall_parts());
	json_object_set_new(data, "report",
			    report_json_object(s->account.report));
	json_object_set_new(data, "why", why_json(&s->account, &diagnosis));
	if (json_object_set_new(data, "smb2_requests_by", by) != 0) {
		json_decref(data);
		return NULL;
	}
	return data;
}
