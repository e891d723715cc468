/*
 * Slow logons: what a client waits for until it can use a share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cause.h"
#include "whole.h"

/*
 * A logon is up to ten requests, the proof of a password, and looking up a user
 * and its groups: 10 to 20 ms where that is local, and 100 ms with a domain
 * controller that is near.
 */
#define LOGON_NS 100e6
#define LOGON_REQUESTS 10.0

/* People log on once a day: what takes less they do not notice. */
#define SLOW_LOGON_NS 500e6

/* What slow ones took above their price; others are left out. */
static double slow_ns(const struct row_sum *sum, double price_ns,
		      uint64_t *slow)
{
	double above = 0;
	unsigned i;

	*slow = 0;
	for (i = 0; i < HIST_BUCKETS; i++) {
		double lower = (double)hist_lower(i);

		if (sum->histogram[i] != 0 &&
		    lower >= price_ns - LOGON_NS + SLOW_LOGON_NS) {
			*slow += sum->histogram[i];
			above += (double)sum->histogram[i] * (lower - price_ns);
		}
	}
	return above;
}

static const struct row_sum *step(const struct account *a, const char *name)
{
	static const struct row_sum none = { .min_ns = UINT64_MAX };
	const struct group *g = table_find(a->report->logon, BY_REQUEST, name);

	return g != NULL ? &g->sum : &none;
}

/* Of the client that is farthest away: its requests take as long. */
static double farthest_ns(const struct account *a)
{
	uint32_t most_us = 0;
	unsigned i;

	for (i = 0; i < a->connections; i++) {
		const struct connection *c = &a->connection[i];

		if (c->wanted && c->round_trip.least_us > most_us) {
			most_us = c->round_trip.least_us;
		}
	}
	return most_us * 1e3;
}

/* File operations of tree connects, which other causes may claim. */
static uint64_t vfs_ns(const struct account *a)
{
	const struct context_node *root, *op;
	uint64_t ns = 0;

	for (root = a->report->tree->child; root != NULL; root = root->next) {
		if (strcmp(root->name, "tree connect") != 0) {
			continue;
		}
		for (op = root->child; op != NULL; op = op->next) {
			ns += op->total_ns;
		}
	}
	return ns;
}

static void say_steps(struct finding *f, const struct row_sum *logon,
		      const struct row_sum *session,
		      const struct row_sum *tree)
{
	if (logon->count != 0) {
		finding_say(f, "%s logons took %s on average, up to %s",
			    finding_figure(f, "logons", FIGURE_COUNT,
					   (double)logon->count),
			    finding_figure(f, "logon", FIGURE_NS,
					   (double)row_sum_avg(logon)),
			    finding_figure(f, "slowest", FIGURE_NS,
					   (double)logon->max_ns));
	}
	if (session->count != 0) {
		finding_say(f, "; of that %s until the user had proved who it "
			    "is", finding_figure(f, "session", FIGURE_NS,
					   (double)row_sum_avg(session)));
	}
	if (tree->count != 0) {
		finding_say(f, "%s%s tree connects took smbd %s each",
			    logon->count != 0 ? "; " : "",
			    finding_figure(f, "tree_connects", FIGURE_COUNT,
					   (double)tree->count),
			    finding_figure(f, "tree_connect", FIGURE_NS,
					   (double)row_sum_avg(tree)));
	}
	finding_say(f, ".");
}

bool cause_slow_logon(const struct account *a, struct finding *f)
{
	const struct row_sum *logon = step(a, "(first tree connect)");
	const struct row_sum *session = step(a, "(session set up)");
	const struct row_sum *tree = step(a, "(tree connect)");
	double price_ns = LOGON_NS + LOGON_REQUESTS * farthest_ns(a);
	double later = tree->count > logon->count ?
		1 - (double)logon->count / (double)tree->count : 0;
	uint64_t slow_logons, slow_trees;
	double above = slow_ns(logon, price_ns, &slow_logons) +
		later * slow_ns(tree, LOGON_NS, &slow_trees) -
		(double)vfs_ns(a);

	if (slow_logons + slow_trees == 0 || above <= 0) {
		return false;
	}
	f->saved_ns = whole(above);
	f->calls = slow_logons != 0 ? slow_logons : slow_trees;
	f->confidence = CONFIDENCE_CERTAIN;
	f->command = "smblatency-stat";
	say_steps(f, logon, session, tree);
	return true;
}
