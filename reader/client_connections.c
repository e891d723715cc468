/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "client_connections.h"
#include "snapshot.h"
#include "subtract.h"

struct gathering {
	struct client_connections *list;
	const struct filter *filter;
};

static bool append(struct client_connections *list,
		   const struct client_connection *one)
{
	struct client_connection *entry = realloc(
		list->entry, (list->count + 1) * sizeof(*entry));

	if (entry == NULL) {
		return false;
	}
	list->entry = entry;
	entry[list->count++] = *one;
	return true;
}

static bool is_alive(const struct segment_image *image)
{
	return image->owned && image->header->kind == LATENCY_KIND_PROCESS;
}

static bool gather(const struct snapshot *snapshot, struct segment_image *image,
		   void *private_data)
{
	const struct gathering *g = private_data;
	const struct latency_connections *from = image_connections(image);
	const bool lives = is_alive(image);
	unsigned i, first = g->list->count, channels = 0;

	(void)snapshot;
	if (from == NULL || !filter_image(g->filter, image)) {
		return true;
	}
	g->list->unlisted += from->unlisted;
	for (i = 0; i < LATENCY_CONNECTIONS; i++) {
		const struct latency_connection *c =
			image_connection(image, from, i);
		struct client_connection one = { .pid = image->header->pid };

		if (c == NULL) {
			continue;
		}
		one.c = *c;
		one.open = lives && c->ended_ns == 0;
		channels += one.open;
		if (filter_name(g->filter->client, c->client,
				sizeof(c->client)) && !append(g->list, &one)) {
			return false;
		}
	}
	for (i = first; i < g->list->count; i++) {
		g->list->entry[i].channels = channels;
	}
	return true;
}

static uint64_t bytes(const struct client_connection *one)
{
	return one->c.bytes_sent + one->c.bytes_received;
}

static int compare(const void *a, const void *b)
{
	const struct client_connection *x = a, *y = b;

	if (x->open != y->open) {
		return x->open ? -1 : 1;
	}
	if (bytes(x) != bytes(y)) {
		return bytes(x) < bytes(y) ? 1 : -1;
	}
	return strcmp(x->c.client, y->c.client);
}

bool client_connections_read(const char *directory,
			     const struct filter *filter,
			     struct client_connections *list,
			     struct latency_error *error)
{
	struct gathering g = { .list = list, .filter = filter };
	struct snapshot *snapshot;

	memset(list, 0, sizeof(*list));
	snapshot = snapshot_visit(directory, gather, &g, error);
	if (snapshot == NULL) {
		client_connections_free(list);
		return false;
	}
	/* They are the list's now. */
	list->problems = snapshot->problems;
	list->problem_count = snapshot->problem_count;
	snapshot->problems = NULL;
	snapshot->problem_count = 0;
	snapshot_free(snapshot);
	if (list->count != 0) {
		qsort(list->entry, list->count, sizeof(*list->entry), compare);
	}
	return true;
}

/* --------------------------------- totals -------------------------------- */

unsigned connection_totals_add(struct connection_totals *t,
			       const struct segment_image *image,
			       const struct filter *filter)
{
	const struct latency_connections *from = image_connections(image);
	unsigned i, open = 0;

	if (from == NULL || !filter_image(filter, image)) {
		return 0;
	}
	for (i = 0; i < LATENCY_CONNECTIONS; i++) {
		const struct latency_connection *c =
			image_connection(image, from, i);

		if (c == NULL || !filter_name(filter->client, c->client,
					      sizeof(c->client))) {
			continue;
		}
		open += is_alive(image) && c->ended_ns == 0;
		t->connections += c->connections;
		t->known += c->known;
#define TRANSPORT_REQUESTS(field, doc) t->field += c->field;
#define TRANSPORT_COUNT(field, doc) t->field += c->field;
#define TRANSPORT_TIME(field, doc) t->field##_ns += c->field##_ns;
#include "latency_transport.h"
	}
	return open;
}

void connection_totals_subtract(struct connection_totals *t,
				const struct connection_totals *earlier)
{
	subtract_from(&t->connections, earlier->connections);
	subtract_from(&t->known, earlier->known);
#define TRANSPORT_REQUESTS(field, doc) subtract_from(&t->field, earlier->field);
#define TRANSPORT_COUNT(field, doc) subtract_from(&t->field, earlier->field);
#define TRANSPORT_TIME(field, doc) \
	subtract_from(&t->field##_ns, earlier->field##_ns);
#include "latency_transport.h"
}

void client_connections_free(struct client_connections *list)
{
	free(list->entry);
	free(list->problems);
	memset(list, 0, sizeof(*list));
}
