/*
 * Causes beyond smbd: the network and the client, while smbd waits for them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "cause.h"
#include "whole.h"

/*
 * Up to here a program makes its next request as soon as it has the reply, and
 * has seen to it: copying small files takes 0.05 to 1 ms. Beyond it does
 * something else in between.
 */
#define ONE_AT_A_TIME_NS 2000000.0

/* Bytes a second that are no limit for anybody's disk */
#define GOOD_SUPPLY 1e9

/* What is told of losses, and of what else keeps TCP from sending, as parts. */
#define LOSS_NOTABLE 0.001
#define LIMIT_NOTABLE 0.2

enum pause { PAUSE_NONE, PAUSE_SHORT, PAUSE_LONG, PAUSE_SUPPLY };

static enum pause pause_of(const struct connection *c)
{
	double waited = (double)c->time.waiting_client_ns;
	double requests = (double)c->requests;

	if (!c->wanted || !c->at_work || waited == 0) {
		return PAUSE_NONE;
	}
	if (c->transfers) {
		return PAUSE_SUPPLY;
	}
	return waited < ONE_AT_A_TIME_NS * requests ? PAUSE_SHORT : PAUSE_LONG;
}

/* The sum of those of a kind, and the one that makes up most of it. */
struct pauses {
	const struct connection *most;
	uint64_t requests;
	uint64_t bytes;
	uint64_t waited_ns;
	double saved_ns;		/* of that: not for spare requests */
	uint64_t wall_ns;
	struct {			/* of what smbd has sent */
		uint64_t segments, lost;
		uint64_t busy_ns, window_ns, buffer_ns;
	} sending;
};

static void add_sending(struct pauses *p, const struct connection_totals *t)
{
	p->sending.segments += t->segments_sent;
	p->sending.lost += segments_lost(t);
	p->sending.busy_ns += t->busy_ns;
	p->sending.window_ns += t->receiver_limited_ns;
	p->sending.buffer_ns += t->buffer_limited_ns;
}

static void sum_pauses(const struct account *a, enum pause pause,
		       struct pauses *p)
{
	unsigned i;

	for (i = 0; i < a->connections; i++) {
		const struct connection *c = &a->connection[i];

		if (pause_of(c) != pause) {
			continue;
		}
		p->requests += c->requests;
		p->bytes += c->bytes;
		p->waited_ns += c->time.waiting_client_ns;
		p->saved_ns += connection_waited(c, c->time.waiting_client_ns);
		p->wall_ns += c->time.wall_ns;
		add_sending(p, &c->transport);
		if (p->most == NULL || c->time.waiting_client_ns >
		    p->most->time.waiting_client_ns) {
			p->most = c;
		}
	}
}

/* " Most of it: alice@192.0.2.7." The departed are nobody. */
static void say_who(struct finding *f, const struct connection *c)
{
	char user[FINDING_NAME], client[FINDING_ADDRESS];

	if (!c->departed) {
		finding_say(f, " Most by %s@%s.",
			    finding_name(user, sizeof(user), c->user),
			    finding_name(client, sizeof(client),
					 c->client));
	}
}

static bool say_pauses(const struct pauses *p, struct finding *f)
{
	if (p->most == NULL) {
		return false;
	}
	f->saved_ns = whole(p->saved_ns);
	f->calls = p->requests;
	f->command = "smblatency-stat";
	finding_say(f, "Over %s requests, %s passed on average between a reply "
		    "and the next request.",
		    finding_figure(f, "requests", FIGURE_COUNT,
				   (double)p->requests),
		    finding_figure(f, "pause", FIGURE_NS,
				   (double)p->waited_ns /
				   (double)p->requests));
	say_who(f, p->most);
	return true;
}

bool cause_one_at_a_time(const struct account *a, struct finding *f)
{
	struct pauses p = { .most = NULL };

	sum_pauses(a, PAUSE_SHORT, &p);
	f->confidence = CONFIDENCE_LIKELY;
	return say_pauses(&p, f);
}

bool cause_client_thinks(const struct account *a, struct finding *f)
{
	struct pauses p = { .most = NULL };

	sum_pauses(a, PAUSE_LONG, &p);
	f->confidence = CONFIDENCE_LIKELY;
	return say_pauses(&p, f);
}

/* A part that is worth a sentence. */
static bool is_much(uint64_t part, uint64_t of, double least)
{
	return of != 0 && (double)part >= least * (double)of;
}

/* What the kernel knows of the way to the client. */
static void say_sending(struct finding *f, const struct pauses *p)
{
	if (is_much(p->sending.lost, p->sending.segments, LOSS_NOTABLE)) {
		finding_say(f, " %s of what was sent was lost.",
			    finding_figure(f, "lost", FIGURE_RATIO,
					   (double)p->sending.lost /
					   (double)p->sending.segments));
	}
	if (is_much(p->sending.window_ns, p->sending.busy_ns, LIMIT_NOTABLE)) {
		finding_say(f, " The client's receive window was full for %s "
			    "of the sending time.",
			    finding_figure(f, "window_full", FIGURE_RATIO,
					   (double)p->sending.window_ns /
					   (double)p->sending.busy_ns));
	}
	if (is_much(p->sending.buffer_ns, p->sending.busy_ns, LIMIT_NOTABLE)) {
		finding_say(f, " The send buffer ('socket options') was too "
			    "small for %s of the sending time.",
			    finding_figure(f, "buffer_full", FIGURE_RATIO,
					   (double)p->sending.buffer_ns /
					   (double)p->sending.busy_ns));
	}
}

bool cause_supply(const struct account *a, struct finding *f)
{
	struct pauses p = { .most = NULL };
	double good_ns;

	sum_pauses(a, PAUSE_SUPPLY, &p);
	good_ns = (double)p.bytes * 1e9 / GOOD_SUPPLY;
	if (p.most == NULL || p.saved_ns <= good_ns) {
		return false;
	}
	f->saved_ns = whole(p.saved_ns - good_ns);
	f->calls = p.requests;
	f->confidence = CONFIDENCE_LIKELY;
	f->command = "smblatency-stat";
	finding_say(f, "%s moved at %s, in requests of %s; smbd waited for %s.",
		    finding_figure(f, "bytes", FIGURE_BYTES, (double)p.bytes),
		    finding_figure(f, "rate", FIGURE_BYTES_PER_S,
				   (double)p.bytes * 1e9 / (double)p.wall_ns),
		    finding_figure(f, "size", FIGURE_BYTES,
				   (double)p.bytes / (double)p.requests),
		    finding_figure(f, "waited", FIGURE_NS,
				   (double)p.waited_ns));
	say_sending(f, &p);
	say_who(f, p.most);
	return true;
}

/* Of the way to one client: what it shows of losses. */
static void say_loss(struct finding *f, const struct connection *c)
{
	const struct connection_totals *t = &c->transport;

	finding_say(f, "%s of the segments that smbd sent were lost, %s of %s; "
		    "a round trip takes %s.",
		    finding_figure(f, "lost", FIGURE_RATIO,
				   (double)segments_lost(t) /
				   (double)t->segments_sent),
		    finding_figure(f, "lost_segments", FIGURE_COUNT,
				   (double)segments_lost(t)),
		    finding_figure(f, "segments", FIGURE_COUNT,
				   (double)t->segments_sent),
		    finding_figure(f, "round_trip", FIGURE_NS,
				   c->round_trip.least_us * 1e3));
}

bool cause_packet_loss(const struct account *a, struct finding *f)
{
	const struct connection *most = NULL;
	unsigned i;

	for (i = 0; i < a->connections; i++) {
		const struct connection *c = &a->connection[i];

		if (!c->wanted || c->loss_ns == 0) {
			continue;
		}
		f->saved_ns += c->loss_ns;
		f->calls += segments_lost(&c->transport);
		if (most == NULL || c->loss_ns > most->loss_ns) {
			most = c;
		}
	}
	if (most == NULL) {
		return false;
	}
	/* How much that is in time is an estimate; of many even more so. */
	f->confidence = most->departed ? CONFIDENCE_POSSIBLE :
		CONFIDENCE_LIKELY;
	f->command = "smblatency-stat connections";
	say_loss(f, most);
	say_who(f, most);
	return true;
}

bool cause_round_trips(const struct account *a, struct finding *f)
{
	const struct connection *most = NULL;
	uint64_t requests = 0, waited = 0;
	double saved = 0;
	unsigned i;

	for (i = 0; i < a->connections; i++) {
		const struct connection *c = &a->connection[i];

		if (!c->wanted || c->time.waiting_network_ns == 0) {
			continue;
		}
		waited += c->time.waiting_network_ns;
		saved += connection_waited(c, c->time.waiting_network_ns);
		requests += c->requests;
		if (most == NULL || c->time.waiting_network_ns >
		    most->time.waiting_network_ns) {
			most = c;
		}
	}
	if (most == NULL || requests == 0) {
		return false;
	}
	f->saved_ns = whole(saved);
	f->calls = requests;
	f->confidence = CONFIDENCE_CERTAIN;
	f->command = "smblatency-stat";
	finding_say(f, "At least %s of the waiting is due to the network, %s "
		    "for each of %s requests.",
		    finding_figure(f, "network", FIGURE_NS, (double)waited),
		    finding_figure(f, "round_trip", FIGURE_NS,
				   (double)waited / (double)requests),
		    finding_figure(f, "requests", FIGURE_COUNT,
				   (double)requests));
	say_who(f, most);
	return true;
}

bool cause_other_clients(const struct account *a, struct finding *f)
{
	if (a->pending == 0) {
		return false;
	}
	f->saved_ns = a->pending_ns;
	f->calls = a->pending;
	f->confidence = CONFIDENCE_LIKELY;
	f->command = "smblatency-stat";
	finding_say(f, "%s requests to open or lock were pending for %s each.",
		    finding_figure(f, "requests", FIGURE_COUNT,
				   (double)a->pending),
		    finding_figure(f, "pending", FIGURE_NS,
				   (double)a->pending_ns /
				   (double)a->pending));
	return true;
}
