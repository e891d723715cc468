/*
 * Causes in what clients ask for: requests that could be spared, and what makes
 * some of them dear though each file operation is quick.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "cause.h"
#include "error_name.h"
#include "op_class.h"
#include "whole.h"

/* ---------------------- requests that could be spared -------------------- */

/* Of one kind, over all connections. */
struct spare_sum {
	uint64_t requests;
	double saved_ns;
};

/* The waiting for the client that comes with these requests. */
static double waiting_ns(const struct connection *c, enum spare spare)
{
	return connection_spared(c, spare, c->time.waiting_network_ns) +
		(c->at_work ? connection_spared(
			 c, spare, c->time.waiting_client_ns) : 0);
}

/*
 * What smbd does for them. Of requests that are under way side by side each
 * takes its part.
 */
static double working_ns(const struct connection *c, enum spare spare)
{
	double served = (double)(c->time.wall_ns - c->time.waiting_client_ns -
				 c->time.waiting_network_ns);
	double all = 0, part;
	unsigned i;

	for (i = 0; i < LATENCY_OPCODES; i++) {
		all += (double)c->asked.total_ns[i];
	}
	part = all > served ? served / all : 1;
	return (double)c->spare[spare].total_ns * part;
}

static bool sum_spare(const struct account *a, enum spare spare,
		      struct finding *f, struct spare_sum *sum)
{
	double working = 0;
	unsigned i;

	memset(sum, 0, sizeof(*sum));
	for (i = 0; i < a->connections; i++) {
		const struct connection *c = &a->connection[i];

		if (c->wanted && c->spare[spare].requests != 0) {
			sum->requests += c->spare[spare].requests;
			sum->saved_ns += waiting_ns(c, spare);
			working += working_ns(c, spare);
		}
	}
	if (working > 0) {
		/* What storage is blamed for is left to it. */
		sum->saved_ns += working * fair_part(a);
	}
	f->saved_ns = whole(sum->saved_ns);
	f->calls = sum->requests;
	f->confidence = CONFIDENCE_LIKELY;
	return sum->requests != 0;
}

static void say_requests(const struct account *a, struct finding *f,
			 const struct spare_sum *sum)
{
	finding_say(f, "%s of %s requests", finding_figure(
			    f, "spare", FIGURE_COUNT, (double)sum->requests),
		    finding_figure(f, "requests", FIGURE_COUNT,
				   (double)a->requests));
}

bool cause_missing_names(const struct account *a, struct finding *f)
{
	struct spare_sum sum;

	if (!sum_spare(a, SPARE_MISSING, f, &sum)) {
		return false;
	}
	f->command = "smblatency-stat errors";
	say_requests(a, f, &sum);
	finding_say(f, " were for names that do not exist.");
	return true;
}

#define PREFIX "SMB2_OP_"	/* which people do without */

/* Which failure there was most, that is not one of names. */
struct failure {
	const char *request;
	uint32_t code;
	uint64_t count;
};

static void most_frequent(const struct account *a, struct failure *most)
{
	const struct table *table = a->report->requests;
	unsigned i;
	uint32_t j;

	memset(most, 0, sizeof(*most));
	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);
		const char *name = group_name(g, BY_REQUEST);

		for (j = 0; j < g->sum.error_count; j++) {
			uint32_t code = g->sum.error[j].code;

			if (g->sum.error[j].count > most->count &&
			    asked_is_refusal(name, code)) {
				*most = (struct failure){
					name, code, g->sum.error[j].count,
				};
			}
		}
	}
}

bool cause_refused(const struct account *a, struct finding *f)
{
	char number[ERROR_NUMBER];
	struct failure most;
	struct spare_sum sum;

	if (!sum_spare(a, SPARE_REFUSED, f, &sum)) {
		return false;
	}
	f->command = "smblatency-stat errors";
	say_requests(a, f, &sum);
	finding_say(f, " failed");
	most_frequent(a, &most);
	if (most.count != 0) {
		finding_say(f, "; %s times %s with %s",
			    finding_figure(f, "most", FIGURE_COUNT,
					   (double)most.count),
			    strncmp(most.request, PREFIX, strlen(PREFIX)) == 0 ?
			    most.request + strlen(PREFIX) : most.request,
			    error_name(most.code, number));
	}
	finding_say(f, ".");
	return true;
}

bool cause_repeated(const struct account *a, struct finding *f)
{
	const struct hot_file *most = a->most_repeated;
	char path[FINDING_NAME], share[FINDING_NAME];
	char user[FINDING_NAME], client[FINDING_ADDRESS];
	struct spare_sum sum;

	if (!sum_spare(a, SPARE_REPEATED, f, &sum) || most == NULL) {
		return false;
	}
	f->command = "smblatency-stat files --by client";
	finding_say(f, "%s requests, %s, for %s of share %s moved no data. "
		    "Most by %s@%s.",
		    finding_figure(f, "same", FIGURE_COUNT,
				   (double)most->sum.requests),
		    finding_figure(f, "rate", FIGURE_PER_S,
				   (double)most->sum.requests * 1e9 /
				   (double)a->report->running_for_ns),
		    finding_name(path, sizeof(path), most->path[0] != '\0' ?
				 most->path : "the root"),
		    finding_name(share, sizeof(share), most->share),
		    finding_name(user, sizeof(user), most->user),
		    finding_name(client, sizeof(client), most->client));
	return true;
}

bool cause_streams(const struct account *a, struct finding *f)
{
	struct spare_sum sum;

	if (!sum_spare(a, SPARE_STREAM, f, &sum)) {
		return false;
	}
	f->command = "smblatency-stat files";
	say_requests(a, f, &sum);
	finding_say(f, " were for streams of files.");
	return true;
}

bool cause_questions(const struct account *a, struct finding *f)
{
	struct spare_sum sum;

	if (!sum_spare(a, SPARE_QUESTION, f, &sum)) {
		return false;
	}
	f->command = "smblatency-stat --by client,request";
	say_requests(a, f, &sum);
	finding_say(f, " opened a file, asked for its attributes and closed "
		    "it, and nothing else.");
	return true;
}

bool cause_small_requests(const struct account *a, struct finding *f)
{
	uint64_t moves = 0, bytes = 0;
	struct spare_sum sum;
	unsigned i;

	if (!sum_spare(a, SPARE_SMALL, f, &sum)) {
		return false;
	}
	for (i = 0; i < a->connections; i++) {
		const struct asked *asked = &a->connection[i].asked;

		if (a->connection[i].wanted &&
		    a->connection[i].spare[SPARE_SMALL].requests != 0) {
			moves += asked->count[SMB2_OP_READ] +
				asked->count[SMB2_OP_WRITE];
			bytes += asked->bytes;
		}
	}
	f->confidence = CONFIDENCE_POSSIBLE;
	f->command = "smblatency-stat --sizes";
	finding_say(f, "%s reads and writes moved %s, %s each; with larger "
		    "ones, %s would do.",
		    finding_figure(f, "moves", FIGURE_COUNT, (double)moves),
		    finding_figure(f, "bytes", FIGURE_BYTES, (double)bytes),
		    finding_figure(f, "size", FIGURE_BYTES,
				   (double)bytes / (double)moves),
		    finding_figure(f, "needed", FIGURE_COUNT,
				   (double)(moves - sum.requests)));
	return true;
}

/* ------------------------------ dear requests ---------------------------- */

/* What ops of some classes below a request took by themselves. */
struct below {
	uint64_t calls;
	double self_ns;
};

/* The op in the lowest layer: where it is not handed on. */
static bool is_lowest(const struct context_node *node)
{
	const struct context_node *child;

	for (child = node->child; child != NULL; child = child->next) {
		if (strcmp(child->op, node->op) == 0) {
			return false;
		}
	}
	return true;
}

static void add_below(const struct account *a, const struct context_node *node,
		      enum op_class op_class, struct below *below)
{
	const struct context_node *child;

	for (child = node->child; child != NULL; child = child->next) {
		if (is_of_class(child->op, op_class) && is_lowest(child)) {
			below->calls += child->count;
			below->self_ns += (double)child->self_ns *
				waited_for(a, child->op);
		}
		add_below(a, child, op_class, below);
	}
}

/* Less what is above the price of the class: that is a cause of its own. */
static void leave_fair(const struct account *a, enum op_class op_class,
		       struct below *below)
{
	struct class_cost cost;

	class_cost(a, op_class, &cost);
	if (cost.total_ns != 0 && cost.saved_ns < cost.total_ns) {
		below->self_ns *= 1 - (double)cost.saved_ns /
			(double)cost.total_ns;
	} else if (cost.saved_ns != 0) {
		below->self_ns = 0;
	}
}

static const struct context_node *request_node(const struct account *a,
					       const char *request)
{
	const struct context_node *node = a->report->tree->child;

	while (node != NULL && strcmp(node->op, request) != 0) {
		node = node->next;
	}
	return node;
}

/* Entries that are read for an open: so many are a search */
#define ENTRIES_MANY 50u
/* A directory is also read to see if it is empty, before it is removed. */
#define ENTRIES_FEW 5

double name_search_smb_ns(const struct account *a)
{
	const struct context_node *create = request_node(a, "SMB2_OP_CREATE");
	struct below below = { .calls = 0 };
	double self;

	if (create == NULL) {
		return 0;
	}
	add_below(a, create, CLASS_LISTING, &below);
	if (below.calls < ENTRIES_MANY * create->count) {
		return 0;
	}
	self = (double)create->self_ns -
		CAUSE_REQUEST_NS * (double)create->count;
	return self > 0 ? self * waited_for(a, "") : 0;
}

bool cause_name_search(const struct account *a, struct finding *f)
{
	const struct context_node *create = request_node(a, "SMB2_OP_CREATE");
	struct below below = { .calls = 0 };
	double average;

	if (create == NULL || create->count == 0) {
		return false;
	}
	add_below(a, create, CLASS_LISTING, &below);
	average = (double)below.calls / (double)create->count;
	if (average < ENTRIES_FEW) {
		return false;
	}
	leave_fair(a, CLASS_LISTING, &below);
	f->saved_ns = whole(below.self_ns + name_search_smb_ns(a));
	f->calls = create->count;
	f->confidence = CONFIDENCE_CERTAIN;
	f->command = "smblatency-stat --tree";
	finding_say(f, "%s opens read %s directory entries, %s each, to find "
		    "names that are not there as they are written.",
		    finding_figure(f, "opens", FIGURE_COUNT,
				   (double)create->count),
		    finding_figure(f, "entries", FIGURE_COUNT,
				   (double)below.calls),
		    finding_figure(f, "average", FIGURE_COUNT, average));
	return true;
}

bool cause_listing_attributes(const struct account *a, struct finding *f)
{
	const struct context_node *list =
		request_node(a, "SMB2_OP_QUERY_DIRECTORY");
	struct below below = { .calls = 0 }, entries = { .calls = 0 };

	if (list == NULL) {
		return false;
	}
	add_below(a, list, CLASS_ATTRIBUTES, &below);
	add_below(a, list, CLASS_LISTING, &entries);
	if (below.calls == 0 || entries.calls == 0) {
		return false;
	}
	leave_fair(a, CLASS_ATTRIBUTES, &below);
	f->saved_ns = whole(below.self_ns);
	f->calls = list->count;
	f->confidence = CONFIDENCE_CERTAIN;
	f->command = "smblatency-stat --tree";
	finding_say(f, "Listing %s entries, smbd read or asked for %s "
		    "attributes, %s each.",
		    finding_figure(f, "entries", FIGURE_COUNT,
				   (double)entries.calls),
		    finding_figure(f, "attributes", FIGURE_COUNT,
				   (double)below.calls),
		    finding_figure(f, "average", FIGURE_NS,
				   below.self_ns / (double)below.calls));
	return true;
}
