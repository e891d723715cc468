/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "asked_files.h"
#include "whole.h"

/* To open, to ask and to close once a second is often enough for anybody. */
#define PER_SECOND 3.0
#define PER_USE 3.0			/* to open, to use, to close */

/* ------------------------------- clients --------------------------------- */

/* The connections that one user has from one address. */
struct client {
	struct connection **connection;
	unsigned connections;
	double requests;
	double useful;			/* for a listing, or for a change */
	double failures;		/* of the files that are listed */
	double stream_failures;		/* of streams among those */
};

struct clients {
	struct connection **sorted;	/* by user and address */
	struct client *client;
	unsigned count;
	struct client **of_group;	/* of a group of files; NULL: gone */
};

static int compare_names(const char *user, const char *address,
			 const struct connection *c)
{
	int order = strcmp(address, c->client);

	return order != 0 ? order : strcmp(user, c->user);
}

static int compare(const void *a, const void *b)
{
	const struct connection *x = *(struct connection *const *)a;
	const struct connection *y = *(struct connection *const *)b;

	return compare_names(x->user, x->client, y);
}

static void add_connection(struct clients *clients, struct connection **at)
{
	const struct asked *asked = &(*at)->asked;
	struct client *c = &clients->client[clients->count];

	if (clients->count != 0 && compare(c[-1].connection, at) == 0) {
		c--;
	} else {
		c->connection = at;
		clients->count++;
	}
	c->connections++;
	c->requests += (double)(*at)->requests;
	c->useful += PER_USE * (double)(asked->count[SMB2_OP_QUERY_DIRECTORY] +
					asked->changes);
}

static struct client *find(const struct clients *clients,
			   const struct hot_group *group)
{
	unsigned low = 0, high = clients->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		int order = compare_names(group->user, group->client,
					  *clients->client[middle].connection);

		if (order == 0) {
			return &clients->client[middle];
		}
		if (order < 0) {
			high = middle;
		} else {
			low = middle + 1;
		}
	}
	return NULL;
}

static void clients_free(struct clients *clients)
{
	free(clients->sorted);
	free(clients->client);
	free(clients->of_group);
}

static bool is_stream(const struct hot_file *file)
{
	return strchr(file->path, ':') != NULL;
}

static void add_failures(struct clients *clients, const struct hot_files *f)
{
	unsigned i;

	for (i = 0; i < f->count; i++) {
		struct client *c = clients->of_group[f->file[i].group];

		if (c != NULL) {
			double failures = (double)f->file[i].sum.failures;

			c->failures += failures;
			c->stream_failures += is_stream(&f->file[i]) ?
				failures : 0;
		}
	}
}

/* clients_free() frees them in either case. Returns false: no memory. */
static bool clients_make(struct account *a, struct clients *clients)
{
	unsigned i, count = 0;

	clients->sorted = calloc(a->connections + 1,
				 sizeof(*clients->sorted));
	clients->client = calloc(a->connections + 1,
				 sizeof(*clients->client));
	clients->of_group = calloc(a->files.group_count + 1,
				   sizeof(*clients->of_group));
	clients->count = 0;
	if (clients->sorted == NULL || clients->client == NULL ||
	    clients->of_group == NULL) {
		return false;
	}
	for (i = 0; i < a->connections; i++) {
		struct connection *c = &a->connection[i];

		if (c->wanted && !c->departed && c->requests != 0) {
			clients->sorted[count++] = c;
		}
	}
	qsort(clients->sorted, count, sizeof(*clients->sorted), compare);
	for (i = 0; i < count; i++) {
		add_connection(clients, &clients->sorted[i]);
	}
	for (i = 0; i < a->files.group_count; i++) {
		clients->of_group[i] = find(clients, &a->files.groups[i]);
	}
	add_failures(clients, &a->files);
	return true;
}

/* --------------------------------- spare --------------------------------- */

/*
 * How many requests for this file only asked what had been asked before; those
 * that fail are of another kind. Where data was moved it may have changed; a
 * directory may just be large, so that listing it once takes many; and any file
 * may be what the client changed.
 */
static double repeated(const struct account *a, const struct hot_file *file,
		       const struct client *client)
{
	double seconds = (double)a->report->running_for_ns / 1e9 + 1;
	double requests = (double)(file->sum.requests - file->sum.failures) -
		PER_SECOND * seconds - client->useful;

	return file->sum.read_bytes == 0 && file->sum.written_bytes == 0 &&
		requests > 0 ? requests : 0;
}

/* It has no more than it has. */
static void take(struct spared *from, double requests)
{
	double part = from->requests == 0 ? 0 :
		requests / (double)from->requests;

	part = part < 1 ? part : 1;
	from->requests -= whole(part * (double)from->requests);
	from->total_ns -= whole(part * (double)from->total_ns);
}

/* What a request takes that opens, asks or closes. */
static double question_ns(const struct asked *a)
{
	static const unsigned asks[] = {
		SMB2_OP_CREATE, SMB2_OP_GETINFO, SMB2_OP_CLOSE,
	};
	double ns = 0, count = 0;
	unsigned i;

	for (i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
		ns += (double)a->total_ns[asks[i]];
		count += (double)a->count[asks[i]];
	}
	return count > 0 ? ns / count : 0;
}

/* So many requests of a client, which did not fail, could be spared. */
static void spare_requests(struct client *client, enum spare kind,
			   double requests)
{
	unsigned i;

	for (i = 0; i < client->connections && requests > 0; i++) {
		struct connection *c = client->connection[i];
		double of = requests * (double)c->requests / client->requests;

		c->spare[kind].requests += whole(of);
		c->spare[kind].total_ns += whole(
			of * question_ns(&c->asked));
		take(&c->spare[SPARE_QUESTION], of);
	}
}

/*
 * Of names that are not there, the part that are streams: what is listed stands
 * for what is not.
 */
static void spare_missing_streams(struct client *client)
{
	double part = client->failures > 0 ?
		client->stream_failures / client->failures : 0;
	unsigned i;

	for (i = 0; i < client->connections; i++) {
		struct spared *spare = client->connection[i]->spare;
		struct spared *missing = &spare[SPARE_MISSING];
		double requests = part * (double)missing->requests;

		spare[SPARE_STREAM].requests += whole(requests);
		spare[SPARE_STREAM].total_ns += whole(
			part * (double)missing->total_ns);
		take(missing, requests);
	}
}

static void spare_all(struct account *a, struct clients *clients)
{
	double most = 0;
	unsigned i;

	for (i = 0; i < clients->count; i++) {
		spare_missing_streams(&clients->client[i]);
	}
	for (i = 0; i < a->files.count; i++) {
		const struct hot_file *file = &a->files.file[i];
		struct client *client = clients->of_group[file->group];
		double again;

		if (client == NULL) {
			continue;
		}
		if (is_stream(file)) {
			/* As far as they are listed. */
			spare_requests(client, SPARE_STREAM, (double)(
				file->sum.requests - file->sum.failures));
			continue;
		}
		again = repeated(a, file, client);
		spare_requests(client, SPARE_REPEATED, again);
		if (again > most) {
			most = again;
			a->most_repeated = file;
		}
	}
}

bool asked_files(struct account *a)
{
	struct clients clients;
	bool ok = clients_make(a, &clients);

	a->most_repeated = NULL;
	if (ok) {
		spare_all(a, &clients);
	}
	clients_free(&clients);
	return ok;
}
