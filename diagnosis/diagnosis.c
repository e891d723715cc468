/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "diagnosis.h"

/*
 * A cause is a main one from a fifth of the clients' time on: who takes it
 * away has to notice.
 */
#define MAIN_SHARE 0.2

/*
 * Of people's requests only what is slow is worth a change: a click makes some
 * fifty, and people notice a tenth of a second. A program at work is as fast
 * as the sum of all that it waits for.
 */
#define NOTICED_NS 2000000u

/*
 * Fewer requests tell nothing; an idle server is known without any. A MiB of
 * data is as much as another one.
 */
#define REQUESTS_MIN 20u
#define IDLE_PART 100u		/* clients' time below 1/100 of the clock */
#define IDLE_KNOWN_NS 1000000000u

/* What is missing makes the rest doubtful from here on. */
#define LOST_SHARE 0.05

static const struct cause causes[CAUSES] = {
#define CAUSE(name, title, means, advice, condition) \
	{ #name, title, means, advice, condition },
#include "cause_table.h"
};

static bool (*const find[CAUSES])(const struct account *a,
				  struct finding *f) = {
#define CAUSE(name, title, means, advice, condition) cause_##name,
#include "cause_table.h"
};

const struct cause *diagnosis_cause(enum cause_number number)
{
	return &causes[number];
}

/* ------------------------------- findings -------------------------------- */

static int compare(const void *a, const void *b)
{
	const struct finding *x = a, *y = b;

	if (x->saved_ns != y->saved_ns) {
		return x->saved_ns > y->saved_ns ? -1 : 1;
	}
	return x->cause < y->cause ? -1 : 1;
}

static bool is_main(const struct account *a, const struct finding *f)
{
	bool program = a->at_work_ns * 2 >= a->clients_ns;

	return f->share >= MAIN_SHARE &&
		(program || f->saved_ns / (f->calls + (f->calls == 0)) >=
		 NOTICED_NS);
}

static bool is_enough(const struct account *a)
{
	return a->requests + (a->bytes >> 20) >= REQUESTS_MIN;
}

/* Are there enough to look for it? These two are known without. */
static bool is_known(const struct account *a, enum cause_number number)
{
	return is_enough(a) || number == CAUSE_hanging ||
		number == CAUSE_slow_logon;
}

static void find_all(const struct account *a, struct diagnosis *d)
{
	unsigned i;

	for (i = 0; i < CAUSES; i++) {
		struct finding *f = &d->finding[d->findings];

		memset(f, 0, sizeof(*f));
		f->cause = &causes[i];
		if (!is_known(a, i) || !find[i](a, f) || a->clients_ns == 0) {
			continue;
		}
		f->share = (double)f->saved_ns / (double)a->clients_ns;
		f->share = f->share < 1 ? f->share : 1;
		d->findings += f->share >= FINDING_LEAST_SHARE;
	}
	qsort(d->finding, d->findings, sizeof(d->finding[0]), compare);
	while (d->main < d->findings && is_main(a, &d->finding[d->main])) {
		d->main++;
	}
	for (i = 0; i < d->findings; i++) {
		finding_figure(&d->finding[i], "share", FIGURE_RATIO,
			       d->finding[i].share);
	}
}

/* -------------------------------- verdict -------------------------------- */

/* Calls that were counted without a place of their own, or not at all. */
static double lost(const struct account *a)
{
	const struct table *table = a->report->ops;
	double counted = 1, missing = (double)(a->overflow +
					   a->report->coverage.unmeasured);
	unsigned i;

	for (i = 0; i < table_count(table); i++) {
		counted += (double)table_at(table, i)->sum.count;
	}
	return missing / (missing + counted);
}

static bool is_untrusted(const struct account *a, struct diagnosis *d)
{
	struct finding *g = &d->general;
	unsigned unreadable = a->report->snapshot->problem_count;
	double part = lost(a);

	if (unreadable != 0) {
		snprintf(d->verdict, sizeof(d->verdict),
			 "The data cannot be trusted: the segments of %s "
			 "processes cannot be read. See smblatency-stat "
			 "doctor.",
			 finding_figure(g, "unreadable", FIGURE_COUNT,
					unreadable));
	} else if (a->off != 0) {
		snprintf(d->verdict, sizeof(d->verdict),
			 "The data cannot be trusted: measuring is switched "
			 "off in %s processes. See smblatency-stat all on.",
			 finding_figure(g, "off", FIGURE_COUNT, a->off));
	} else if (part >= LOST_SHARE) {
		snprintf(d->verdict, sizeof(d->verdict),
			 "The data cannot be trusted: there was no room to "
			 "count %s of the operations. See smblatency-stat "
			 "doctor.",
			 finding_figure(g, "lost", FIGURE_RATIO, part));
	} else {
		return false;
	}
	return true;
}

static enum diagnosis_state quiet(const struct account *a, struct diagnosis *d)
{
	struct finding *g = &d->general;
	const char *requests = finding_figure(g, "requests", FIGURE_COUNT,
					      (double)a->requests);
	const char *wall = finding_figure(g, "connected", FIGURE_NS,
					  (double)a->time.wall_ns);
	bool idle = a->clients_ns < a->time.wall_ns / IDLE_PART;

	if (idle && a->time.wall_ns >= IDLE_KNOWN_NS) {
		snprintf(d->verdict, sizeof(d->verdict),
			 "Idle: clients made %s requests in %s of connected "
			 "time, and hardly waited for a reply.", requests,
			 wall);
		return DIAGNOSIS_IDLE;
	}
	if (!is_enough(a)) {
		snprintf(d->verdict, sizeof(d->verdict),
			 "Not enough data: there were %s requests in %s of "
			 "connected time. Ask again later.", requests, wall);
		return DIAGNOSIS_NOT_ENOUGH;
	}
	snprintf(d->verdict, sizeof(d->verdict),
		 "Healthy: nothing that can be changed takes much of the "
		 "clients' time. Serving %s requests took %s each.", requests,
		 finding_figure(g, "served", FIGURE_NS, (double)a->served_ns /
				(double)a->requests));
	return DIAGNOSIS_HEALTHY;
}

void diagnose(const struct account *a, struct diagnosis *d)
{
	const struct finding *first = &d->finding[0];

	memset(d, 0, sizeof(*d));
	find_all(a, d);
	if (!is_enough(a) && d->main == 0) {
		d->findings = 0;
	}
	if (is_untrusted(a, d)) {
		d->state = DIAGNOSIS_UNTRUSTED;
	} else if (d->main == 0) {
		d->state = quiet(a, d);
	} else {
		d->state = DIAGNOSIS_FOUND;
		snprintf(d->verdict, sizeof(d->verdict),
			 "%s: %s of the clients' time. %s", first->cause->title,
			 first->figure[first->figures - 1].text,
			 first->cause->means);
	}
}

const char *diagnosis_state_name(enum diagnosis_state state)
{
	static const char *const names[] = {
		[DIAGNOSIS_UNTRUSTED] = "untrusted",
		[DIAGNOSIS_NOT_ENOUGH] = "not_enough_data",
		[DIAGNOSIS_IDLE] = "idle",
		[DIAGNOSIS_HEALTHY] = "healthy",
		[DIAGNOSIS_FOUND] = "found",
	};

	return names[state];
}
