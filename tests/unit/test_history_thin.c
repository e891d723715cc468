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

#include "unit.h"

#include "coverage.h"
#include "departed_place.h"
#include "history_record.h"
#include "history_span.h"

#define S ((uint64_t)1000000000)
#define NOON (UINT64_C(1796040000) * S)	/* of some day */
#define HOUR (3600 * S)
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
	const struct slow_op_list none = { .count = 0 };
	struct snapshot *s = calloc(1, sizeof(*s));
	struct segment_image image = { .name = "smbd-1", .owned = true }, copy;
	struct latency_error error;

	image.data = p->w->base;
	image.size = (size_t)p->w->used * LATENCY_LINE;
	image.header = p->w->header;
	image.now_ns = p->now_ns - NOON + HOUR;
	s->taken_realtime_ns = p->now_ns;
	s->taken_monotonic_ns = image.now_ns;
	assert_true(segment_image_copy(&image, &copy));
	assert_true(snapshot_add_image(s, &copy));
	if (history_record(&p->recorder, s, &none, &error) == RECORD_FAILED) {
		fail_msg("%s", error.text);
	}
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
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = 1,
		.id = 1,
		.start_realtime_ns = S,
		.start_monotonic_ns = S,
		.samba_version = "4.17.12",
	};
	struct history_keep keep;
	struct latency_error error;
	unsigned i;

	memset(p, 0, sizeof(*p));
	snprintf(p->name, sizeof(p->name), "%s/history.db",
		 ((struct test_dir *)*state)->path);
	p->w = segment_create_private(&identity, &error);
	assert_non_null(p->w);
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
	p->w->header->time.phase = LATENCY_PHASE_ENDED;
	segment_publish(p->w);
	assert_true(history_keep_parse("1d,1m:1w", 10 * S, &keep, &error));
	if (!history_record_open(&p->recorder, p->name, &keep, &error)) {
		fail_msg("%s", error.text);
	}
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
	struct latency_error error;

	assert_true(history_record_close(&p->recorder, &error));
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

static void test_the_busiest_stay_apart(void **state)
{
	struct past p;
	struct found f;
	unsigned i;

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
	for (i = 0; i < 50; i++) {
		assert_int_equal(f.of[i], i >= 45 ? 2 * p.calls[i] : 0);
	}
	/* Any of the others may have been the client that is wanted. */
	assert_int_equal(f.left_out, f.requests - 2 * (46 + 47 + 48 + 49 + 50));
	end(&p);
}

static void test_what_is_coarser_has_all(void **state)
{
	struct past p;
	struct found f;
	unsigned i;

	begin(&p, state, 50, 5);
	age(&p);
	find(&p, NOON + 60 * S, NOON + 120 * S, &f);
	check_sums(&p, &f, 6);
	assert_int_equal(f.keys, 50);
	assert_int_equal(f.left_out, 0);
	for (i = 0; i < 50; i++) {
		assert_int_equal(f.of[i], 6 * p.calls[i]);
	}
	end(&p);
}

/* Each client has a share of its own, as [homes] makes them. */
static void test_many_shares_are_others_in_all(void **state)
{
	struct past p;
	struct found f;
	unsigned i;

	begin(&p, state, 60, 60);
	age(&p);
	find(&p, NOON + 70 * S, NOON + 90 * S, &f);
	check_sums(&p, &f, 2);
	assert_int_equal(f.keys, 5 + 5 + 1);
	assert_int_equal(f.others, 1);
	assert_true(f.last);
	for (i = 0; i < 60; i++) {
		assert_int_equal(f.of[i], i >= 50 ? 2 * p.calls[i] : 0);
	}
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
