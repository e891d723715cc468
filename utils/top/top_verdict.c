/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>

#include "diagnosis.h"
#include "top_verdict.h"

static bool make_account(struct account *a, const struct top_reading *r,
			 bool total, const struct filter *filter)
{
	bool ok = account_init(a, filter);
	unsigned i;

	for (i = 0; ok && i < r->last->image_count; i++) {
		ok = account_add(a, &r->last->images[i]);
	}
	return ok && account_finish(a, r->last,
				    total ? r->baseline : r->before);
}

void top_verdict(const struct top_reading *r, bool total,
		 const struct filter *filter, char verdict[TOP_VERDICT])
{
	static struct diagnosis d;
	struct account a;

	if (make_account(&a, r, total, filter)) {
		diagnose(&a, &d);
		snprintf(verdict, TOP_VERDICT, "%s", d.verdict);
	} else {
		snprintf(verdict, TOP_VERDICT, "out of memory");
	}
	account_free(&a);
}
