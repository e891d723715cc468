/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdlib.h>
#include <string.h>

#include "account.h"
#include "name.h"
#include "subtract.h"
#include "whole.h"

/* ------------------------------ connections ------------------------------ */

static struct connection *append(struct account *a)
{
	struct connection *more = realloc(a->connection, (a->connections + 1) *
					  sizeof(*more));

	if (more == NULL) {
		return NULL;
	}
	a->connection = more;
	more += a->connections++;
	memset(more, 0, sizeof(*more));
	return more;
}

/* Opening and locking wait for other clients; NOTIFY waits for anything. */
static bool waits_for_others(const struct latency_node *node,
			     const struct latency_node *parent)
{
	return node->frame == LATENCY_FRAME(0, LATENCY_ROOT_PENDING) &&
		(parent->frame == LATENCY_FRAME(0, SMB2_OP_CREATE) ||
		 parent->frame == LATENCY_FRAME(0, SMB2_OP_LOCK));
}

static void count_logon(struct connection *c, const struct latency_node *node)
{
	if (node->frame == LATENCY_FRAME(0, LATENCY_ROOT_LOGON_FIRST)) {
		c->logons += node->count;
		c->logon_ns += node->total_ns;
	} else if (node->frame == LATENCY_FRAME(0, LATENCY_ROOT_LOGON_TREE)) {
		c->tree_connects += node->count;
		c->tree_connect_ns += node->total_ns;
	}
}

static void count_pending(struct connection *c,
			  const struct segment_image *image,
			  const struct latency_slot *slot)
{
	uint32_t i;

	for (i = LATENCY_NODE_OVERFLOW + 1; i < slot->nodes; i++) {
		const struct latency_node *node = image_node(image, slot, i);

		if (waits_for_others(node, image_node(image, slot,
						      node->parent))) {
			c->pending += node->count;
			c->pending_ns += node->total_ns;
		} else {
			count_logon(c, node);
		}
	}
}

static void count_image(struct connection *c, const struct filter *filter,
			const struct segment_image *image)
{
	const struct latency_header *h = image->header;
	const struct latency_slot *slot;

	c->id = h->id;
	c->departed = h->kind == LATENCY_KIND_DEPARTED;
	c->off = image->owned && h->control.off != 0;
	connection_totals_add(&c->transport, image, filter);
	round_trip_add(&c->round_trip, image, filter);
	for (slot = filter_image(filter, image) ? image_slot(image, NULL) :
	     NULL; slot != NULL; slot = image_slot(image, slot)) {
		if (!filter_slot(filter, slot)) {
			continue;
		}
		c->wanted = true;
		asked_add(&c->asked, image, slot);
		count_pending(c, image, slot);
		if (c->user[0] == '\0') {
			name_copy(c->user, sizeof(c->user), slot->key.user);
			name_copy(c->client, sizeof(c->client),
				  slot->key.client);
		}
	}
}

static uint64_t overflow_of(const struct segment_image *image,
			    const struct filter *filter)
{
	const struct latency_slot *slot;
	uint64_t count = 0;

	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		if (filter_slot(filter, slot) &&
		    slot->nodes > LATENCY_NODE_OVERFLOW) {
			count += image_node(image, slot,
					    LATENCY_NODE_OVERFLOW)->count;
		}
	}
	return count;
}

static struct connection *find(const struct account *a, uint64_t id,
			       bool departed)
{
	unsigned i;

	for (i = 0; i < a->connections; i++) {
		if (departed ? a->connection[i].departed :
		    a->connection[i].id == id && !a->connection[i].departed) {
			return &a->connection[i];
		}
	}
	return NULL;
}

static void wall_time_of(const struct snapshot *snapshot, unsigned i,
			 bool interval, struct wall_time *time)
{
	const struct filter all = { .pid = 0 };
	const struct snapshot one = {
		.taken_realtime_ns = snapshot->taken_realtime_ns,
		.taken_monotonic_ns = snapshot->taken_monotonic_ns,
		.images = &snapshot->images[i],
		.image_count = 1,
	};

	snapshot_wall_time(&one, &all, interval ? OPEN_KNOWN : OPEN_ALL, time);
}

/*
 * Takes away what a connection had done earlier; one that has ended since is
 * counted with the departed now.
 */
static void subtract_earlier(struct account *a, const struct snapshot *earlier)
{
	const struct filter *filter = &a->report->options.filter;
	unsigned i;

	for (i = 0; i < earlier->image_count; i++) {
		struct connection before = { .id = 0 }, *c;

		count_image(&before, filter, &earlier->images[i]);
		wall_time_of(earlier, i, !earlier->baseline, &before.time);
		c = find(a, before.id, before.departed);
		if (c == NULL) {
			c = find(a, 0, true);
		}
		if (c != NULL) {
			asked_subtract(&c->asked, &before.asked);
			subtract_from(&c->pending, before.pending);
			subtract_from(&c->pending_ns, before.pending_ns);
			subtract_from(&c->logons, before.logons);
			subtract_from(&c->logon_ns, before.logon_ns);
			subtract_from(&c->tree_connects, before.tree_connects);
			subtract_from(&c->tree_connect_ns,
				      before.tree_connect_ns);
			connection_totals_subtract(&c->transport,
						   &before.transport);
			wall_time_subtract(&c->time, &before.time);
		}
	}
}

static void add_time(struct wall_time *sum, const struct wall_time *more)
{
	sum->wall_ns += more->wall_ns;
#define WALL_PART(name, label, brief, doc) sum->name##_ns += more->name##_ns;
#define WALL_CPU(name, label, mode, doc) sum->name##_ns += more->name##_ns;
#define WALL_WORK(name, label, state, doc) sum->name##_ns += more->name##_ns;
#include "latency_wall.h"
	sum->under_way_ns += more->under_way_ns;
	sum->turns += more->turns;
	sum->waits += more->waits;
}

/* Of what smbd waited for the client, what something else is the reason of. */
static uint64_t take(struct connection *c, uint64_t ns)
{
	uint64_t *waited = &c->time.waiting_client_ns;

	ns = ns < *waited ? ns : *waited;
	*waited -= ns;
	return ns;
}

/*
 * What of its logon is not in the wall clock: all but the first tree connect.
 * Later ones are in it; they are supposed to take as long.
 */
static uint64_t before_ns(const struct connection *c)
{
	double first_ns = c->tree_connects == 0 ? 0 :
		(double)c->tree_connect_ns * (double)c->logons /
		(double)c->tree_connects;

	return (double)c->logon_ns > first_ns ?
		c->logon_ns - whole(first_ns) : 0;
}

/* A client that moves its data slower does something else: 8 Mbit/s */
#define SLOWEST_NS_PER_BYTE 1000u

/*
 * Does it move data, or what it asks for? Of what it reads smbd's kernel knows
 * if it had something to send for most of the time; films are sent at once.
 */
static void judge(struct connection *c)
{
	uint64_t waited = c->time.waiting_client_ns;
	bool quick = c->requests != 0 &&
		waited / c->requests < ACCOUNT_AT_WORK_NS;
	bool large = c->requests != 0 &&
		c->bytes / c->requests >= ASKED_LARGE;
	bool sends = c->transport.busy_ns >= waited / 2;
	bool receives = c->transport.bytes_received >=
		waited / SLOWEST_NS_PER_BYTE;

	c->at_work = quick || (large && (sends || receives));
	c->transfers = large && (sends ||
				 c->bytes >= waited / SLOWEST_NS_PER_BYTE);
}

static void sum_up(struct account *a, struct connection *c)
{
	uint64_t before = before_ns(c), served;

	c->requests = asked_requests(&c->asked);
	c->bytes = c->asked.bytes;
	asked_spare(&c->asked, c->spare);
	c->pending_ns = take(c, c->pending_ns);
	c->loss_ns = take(c, loss_ns(&c->transport, &c->round_trip,
				     c->time.waiting_network_ns));
	judge(c);
	if (!c->at_work) {
		/* Nobody has waited for what was sent while he did not ask. */
		c->time.waiting_client_ns += c->loss_ns;
		c->loss_ns = 0;
	}
	served = c->time.wall_ns > c->time.waiting_client_ns + c->loss_ns ?
		c->time.wall_ns - c->time.waiting_client_ns - c->loss_ns : 0;
	a->requests += c->requests;
	a->bytes += c->bytes;
	a->pending += c->pending;
	a->pending_ns += c->pending_ns;
	a->off += c->off;
	add_time(&a->time, &c->time);
	a->served_ns += served;
	a->logons += c->logons;
	a->tree_connects += c->tree_connects;
	a->before_ns += before;
	a->clients_ns += before + (c->at_work ? c->time.wall_ns : served);
	a->at_work_ns += c->at_work ? c->time.wall_ns : 0;
}

double connection_spared(const struct connection *c, enum spare spare,
			 uint64_t ns)
{
	return c->requests == 0 ? 0 : (double)ns *
		(double)c->spare[spare].requests / (double)c->requests;
}

double connection_waited(const struct connection *c, uint64_t ns)
{
	double waited = (double)ns;
	unsigned i;

	for (i = 0; i < SPARES; i++) {
		waited -= connection_spared(c, i, ns);
	}
	return waited > 0 ? waited : 0;
}

/* -------------------------------- account -------------------------------- */

bool account_init(struct account *a, const struct filter *filter)
{
	const struct report_options options = {
		.filter = *filter,
		.ops = true,
	};

	memset(a, 0, sizeof(*a));
	a->report = report_new(&options);
	return a->report != NULL;
}

bool account_add(struct account *a, const struct segment_image *image)
{
	const struct filter *filter = &a->report->options.filter;
	struct connection *c = append(a);

	if (c == NULL || !report_add(a->report, image) ||
	    !in_flight_add(&a->in_flight, image, filter, 0)) {
		return false;
	}
	count_image(c, filter, image);
	if (c->wanted) {
		a->overflow += overflow_of(image, filter);
	}
	return true;
}

bool account_finish(struct account *a, const struct snapshot *snapshot,
		    struct snapshot *earlier)
{
	bool interval = earlier != NULL && !earlier->baseline;
	unsigned i;

	in_flight_sort(&a->in_flight);

	/* Images have been added in their order. */
	for (i = 0; i < a->connections && i < snapshot->image_count; i++) {
		wall_time_of(snapshot, i, interval, &a->connection[i].time);
	}
	if (earlier != NULL) {
		/* Before the report changes it. */
		subtract_earlier(a, earlier);
	}
	for (i = 0; i < a->connections; i++) {
		if (a->connection[i].wanted) {
			sum_up(a, &a->connection[i]);
		}
	}
	return report_finish(a->report, snapshot, earlier);
}

void account_free(struct account *a)
{
	report_free(a->report);
	in_flight_free(&a->in_flight);
	hot_files_free(&a->files);
	free(a->connection);
	memset(a, 0, sizeof(*a));
}

const struct row_sum *account_op(const struct account *a, const char *op)
{
	const struct group *g = table_find(a->report->ops, BY_OP, op);

	return g != NULL ? &g->sum : NULL;
}

const struct row_sum *account_layer_op(const struct account *a,
				       const char *layer, const char *op)
{
	static const struct row_sum none = { .min_ns = UINT64_MAX };
	const struct table *table = a->report->layers;
	unsigned i;

	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);

		if (strcmp(group_name(g, BY_OP), op) == 0 &&
		    strcmp(group_name(g, BY_LAYER), layer) == 0) {
			return &g->sum;
		}
	}
	return &none;
}
