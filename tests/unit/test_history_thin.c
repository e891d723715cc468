/*
 * What was recorded more than an hour ago: the busiest clients are still told
 * apart, the sums are the same, and what is coarser has all clients.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "recorded.h"
#include "unit.h"

#include "coverage.h"
#include "departed_place.h"
#include "history_span.h"

#define INTERVALS 18u			/* of 10 s: three minutes */
#define MOST 100u

struct past {
	char name[300];
	struct history_recorder recorder;
	struct segment_writer *w;
	struct slot_writer *slot[MOST];
	unsigned clients;
	uint64_t now_ns;
	uint64_t calls[MOST];		/* of each client in an interval */
};

static void record(struct past *p)
{
	recorder_record(&p->recorder, p->w, p->now_ns, p->now_ns - NOON + HOUR);
}

/* Client i makes i + 1 requests, each with an op in it, in each interval. */
static void work(struct past *p)
{
	unsigned i, n;

	for (i = 0; i < p->clients; i++) {
		struct slot_writer *s = p->slot[i];
		struct latency_node *root = slot_node_below(
			s, slot_node(s, LATENCY_NODE_TOP), LATENCY_FRAME(0, 5));
		struct latency_node *op = slot_node_below(
			s, root, LATENCY_FRAME(1, 7));

		p->calls[i] = i + 1;
		for (n = 0; n <= i; n++) {
			node_record(p->w, root, 3000, 0, 0);
			node_record(p->w, op, 1000, 0, n == 0 ? ENOENT : 0);
		}
	}
}

/* Clients of so many shares are recorded for three minutes from noon on. */
static void begin(struct past *p, void **state, unsigned clients,
		  unsigned shares)
{
	unsigned i;

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s/history.db",
		 ((struct test_dir *)*state)->path);
	p->w = recorded_process();
	segment_layer(p->w, "latency");
	p->clients = clients;
	for (i = 0; i < clients; i++) {
		char share[16], client[16];

		snprintf(share, sizeof(share), "share%u", i % shares);
		snprintf(client, sizeof(client), "10.0.0.%u", i);
		p->slot[i] = segment_slot(p->w, &(struct slot_key){
			share, "user", client, "latency" }, true);
		assert_non_null(p->slot[i]);
	}
	segment_publish(p->w);
	recorder_open(&p->recorder, p->name, "1d,1m:1w");
	p->now_ns = NOON;
	record(p);
	for (i = 0; i < INTERVALS; i++) {
		work(p);
		p->now_ns += 10 * S;
		record(p);
	}
}

/* An hour later: a few intervals each time. */
static void age(struct past *p)
{
	unsigned i;

	for (i = 0; i < INTERVALS; i++) {
		p->now_ns += i == 0 ? HOUR + 600 * S : 10 * S;
		record(p);
	}
}

static void end(struct past *p)
{
	recorder_close(&p->recorder);
	segment_close(p->w);
}

/* What a span of the history has. */
struct found {
	unsigned keys;
	unsigned others;		/* keys of clients that are summed up */
	bool last;			/* and those of all shares */
	uint64_t requests, ops, errors;
	uint64_t of[MOST];		/* requests, by client */
	uint64_t left_out;		/* where one client is wanted */
};

static void add_slot(struct found *f, const struct segment_image *image,
		     const struct latency_slot *slot)
{
	unsigned n, client = 0;
	bool others = departed_is_others(&slot->key);

	f->keys++;
	f->others += others;
	f->last |= strcmp(slot->key.share, DEPARTED_OTHERS) == 0;
	assert_true(others ||
		    sscanf(slot->key.client, "10.0.0.%u", &client) == 1);
	for (n = 0; n < slot->nodes; n++) {
		const struct latency_node *node = image_node(image, slot, n);

		if (LATENCY_FRAME_LAYER(node->frame) != 0) {
			f->ops += node->count;
			f->errors += node->error_count;
			continue;
		}
		f->requests += node->count;
		if (!others) {
			f->of[client] += node->count;
		}
	}
}

static void find(const struct past *p, uint64_t from_ns, uint64_t to_ns,
		 struct found *f)
{
	const struct filter one = { .client = "10.0.0.0" };
	struct history_span span;
	struct latency_error error;
	struct history_db db;
	struct coverage coverage;
	unsigned i;

	memset(f, 0, sizeof(*f));
	coverage_init(&coverage);
	assert_true(history_db_open(&db, p->name, &error));
	assert_true(history_span_read(&db, from_ns, to_ns, false, &span,
				      &error));
	assert_non_null(span.later);
	for (i = 0; i < span.later->image_count; i++) {
		const struct segment_image *image = &span.later->images[i];
		const struct latency_slot *slot = image_slot(image, NULL);

		coverage_add(&coverage, image, &one);
		for (; slot != NULL; slot = image_slot(image, slot)) {
			add_slot(f, image, slot);
		}
	}
	f->left_out = coverage.summed_up;
	history_span_free(&span);
	history_db_close(&db);
}

/* So many intervals of 10 s have all that was counted. */
static void check_sums(const struct past *p, const struct found *f,
		       unsigned intervals)
{
	uint64_t requests = 0;
	unsigned i;

	for (i = 0; i < p->clients; i++) {
		requests += p->calls[i];
	}
	assert_int_equal(f->requests, intervals * requests);
	assert_int_equal(f->ops, intervals * requests);
	assert_int_equal(f->errors, intervals * p->clients);
}

/* Clients from this one on have theirs under their names, others nothing. */
static void check_clients(const struct past *p, const struct found *f,
			  unsigned first, unsigned intervals)
{
	unsigned i;

	for (i = 0; i < p->clients; i++) {
		assert_int_equal(f->of[i],
				 i >= first ? intervals * p->calls[i] : 0);
	}
}

static void test_the_busiest_stay_apart(void **state)
{
	struct past p;
	struct found f;

	begin(&p, state, 50, 5);
	/* Within a minute, so not what sums up. */
	find(&p, NOON + 70 * S, NOON + 90 * S, &f);
	assert_int_equal(f.keys, 50);
	assert_int_equal(f.left_out, 0);
	age(&p);
	find(&p, NOON + 70 * S, NOON + 90 * S, &f);
	check_sums(&p, &f, 2);
	assert_int_equal(f.keys, 5 + 5);
	assert_int_equal(f.others, 5);
	assert_false(f.last);
	check_clients(&p, &f, 45, 2);
	/* Any of the others may have been the client that is wanted. */
	assert_int_equal(f.left_out, f.requests - 2 * (46 + 47 + 48 + 49 + 50));
	end(&p);
}

static void test_what_is_coarser_has_all(void **state)
{
	struct past p;
	struct found f;

	begin(&p, state, 50, 5);
	age(&p);
	find(&p, NOON + 60 * S, NOON + 120 * S, &f);
	check_sums(&p, &f, 6);
	assert_int_equal(f.keys, 50);
	assert_int_equal(f.left_out, 0);
	check_clients(&p, &f, 0, 6);
	end(&p);
}

/* Each client has a share of its own, as [homes] makes them. */
static void test_many_shares_are_others_in_all(void **state)
{
	struct past p;
	struct found f;

	begin(&p, state, 60, 60);
	age(&p);
	find(&p, NOON + 70 * S, NOON + 90 * S, &f);
	check_sums(&p, &f, 2);
	assert_int_equal(f.keys, 5 + 5 + 1);
	assert_int_equal(f.others, 1);
	assert_true(f.last);
	check_clients(&p, &f, 50, 2);
	end(&p);
}

static void test_a_few_clients_stay_as_they_are(void **state)
{
	struct past p;
	struct found f;

	begin(&p, state, 11, 2);
	age(&p);
	find(&p, NOON + 70 * S, NOON + 90 * S, &f);
	check_sums(&p, &f, 2);
	assert_int_equal(f.keys, 11);
	assert_int_equal(f.others, 0);
	end(&p);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, test_dir_make, \
					test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_the_busiest_stay_apart),
		TEST(test_what_is_coarser_has_all),
		TEST(test_many_shares_are_others_in_all),
		TEST(test_a_few_clients_stay_as_they_are),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
