/*
 * For the benchmark of the history: what the recorder writes of clients that
 * copy small files without pause, 50 to 150 each in an interval of 10 s.
 *
 *	make_history DATABASE CLIENTS SHARES INTERVALS
 *
 * records so many intervals, the last of which ends now, as fast as it can, and
 * prints what it took to record one: ms of processor time, on average.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "history_record.h"
#include "latency_clock.h"
#include "slow_ops.h"
#include "small_copy.h"
#include "snapshot.h"
#include "time_ns.h"

#define STEP_NS ((uint64_t)10 * NS_PER_S)
#define FILES_LEAST 50u
#define FILES_MORE 101u

struct client {
	struct segment_writer *w;
	struct latency_node *node[CALLS];
};

static void fail(const char *text)
{
	fprintf(stderr, "make_history: %s\n", text);
	exit(1);
}

static void begin(struct client *c, unsigned number, unsigned shares)
{
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_PROCESS,
		.pid = 100000 + number,
		.id = number + 1,
		.start_realtime_ns = NS_PER_S,
		.start_monotonic_ns = NS_PER_S,
		.samba_version = "4.17.12-bench",
	};
	char share[32], user[32], client[32];
	struct latency_error error;
	struct slot_writer *s;

	snprintf(share, sizeof(share), "share%u", number % shares);
	snprintf(user, sizeof(user), "user%u", number % 200);
	snprintf(client, sizeof(client), "10.0.%u.%u", number / 250 % 250,
		 number % 250);
	c->w = segment_create_private(&identity, &error);
	s = c->w != NULL
		    ? segment_slot(c->w,
				   &(const struct slot_key){
					   share, user, client, ":latency/" },
				   true)
		    : NULL;
	if (s == NULL) {
		fail("no memory for a client");
	}
	make_nodes(c->w, s, c->node);
	c->w->header->time.mark_ns = NS_PER_S;
	c->w->header->time.phase = LATENCY_PHASE_WAITING_CLIENT;
	segment_publish(c->w);
}

static void work(struct client *c)
{
	unsigned files = FILES_LEAST + random_number() % FILES_MORE;

	while (files-- > 0) {
		copy_file(c->w, c->node);
	}
}

static struct snapshot *take(const struct client *clients, unsigned count,
			     uint64_t now_ns)
{
	struct snapshot *s = calloc(1, sizeof(*s));
	unsigned i;

	if (s == NULL) {
		fail("no memory");
	}
	s->taken_realtime_ns = s->taken_monotonic_ns = now_ns;
	for (i = 0; i < count; i++) {
		struct segment_image image = {
			.owned = true,
			.now_ns = now_ns,
			.data = clients[i].w->base,
			.size = (size_t)clients[i].w->used * LATENCY_LINE,
			.header = clients[i].w->header,
		}, copy;

		snprintf(image.name, sizeof(image.name), "client %u", i);
		if (!segment_image_copy(&image, &copy) ||
		    !snapshot_add_image(s, &copy)) {
			fail("no memory");
		}
	}
	return s;
}

/* Records all intervals; returns the time that took, ns. */
static uint64_t record(struct history_recorder *r, struct client *clients,
		       unsigned count, unsigned intervals)
{
	const struct slow_op_list none = { .count = 0 };
	uint64_t now_ns = clock_ns(CLOCK_REALTIME) / STEP_NS * STEP_NS -
			  intervals * STEP_NS,
		 taken = 0;
	struct latency_error error;
	unsigned i, n;

	for (i = 0; i <= intervals; i++, now_ns += STEP_NS) {
		struct snapshot *s = take(clients, count, now_ns);
		uint64_t start = clock_ns(CLOCK_PROCESS_CPUTIME_ID);

		if (history_record(r, s, &none, &error) !=
		    (i == 0 ? RECORD_BEGUN : RECORD_ADDED))
		{
			fail(error.text);
		}
		taken += clock_ns(CLOCK_PROCESS_CPUTIME_ID) - start;
		for (n = 0; n < count; n++) {
			work(&clients[n]);
		}
	}
	return taken;
}

int main(int argc, char **argv)
{
	int numbers[3] = { 0 };
	struct history_recorder recorder;
	struct history_keep keep;
	struct latency_error error;
	struct client *clients;
	uint64_t taken;
	unsigned i, count;

	for (i = 0; argc == 5 && i < 3; i++) {
		numbers[i] = atoi(argv[i + 2]);
	}
	if (numbers[0] <= 0 || numbers[1] <= 0 || numbers[2] <= 0) {
		fprintf(stderr, "usage: make_history DATABASE CLIENTS SHARES "
				"INTERVALS\n");
		return 2;
	}
	count = (unsigned)numbers[0];
	clients = calloc(count, sizeof(*clients));
	for (i = 0; clients != NULL && i < count; i++) {
		begin(&clients[i], i, (unsigned)numbers[1]);
		work(&clients[i]);
	}
	if (clients == NULL ||
	    !history_keep_parse(HISTORY_KEEP, STEP_NS, &keep, &error) ||
	    !history_record_open(&recorder, argv[1], &keep, &error))
	{
		fail("cannot begin");
	}
	taken = record(&recorder, clients, count, (unsigned)numbers[2]);
	if (!history_record_close(&recorder, &error)) {
		fail(error.text);
	}
	for (i = 0; i < count; i++) {
		segment_close(clients[i].w);
	}
	free(clients);
	printf("%.1f\n", (double)taken / numbers[2] / 1e6);
	return 0;
}
