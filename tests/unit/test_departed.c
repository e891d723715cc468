/*
 * The departed at their limit: random processes begin, count and end, more of
 * them than there are slots, against a simple account of what they counted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "baseline.h"
#include "metrics.h"
#include "segment_fold.h"
#include "since_reset.h"
#include "snapshot_relate.h"
#include "unit.h"

#define CREATE 5u
#define MOST_NAMES 512u
#define LIVING 3u		/* few can be mapped at a time */
#define ROUNDS 40u
#define BEGIN 40u		/* processes a round */
#define KEPT 4u			/* snapshots to compare with */
#define BY_WHO (BY(BY_SHARE) | BY(BY_USER) | BY(BY_CLIENT) | BY(BY_OP))

/* How many of each there are. */
struct crowd {
	unsigned shares, users, clients;
	unsigned seed;
};

static const struct crowd crowds[] = {
	{ 1, 400, 1, 1 },
	{ 500, 1, 1, 2 },
	{ 20, 8, 3, 3 },
	{ 2, 60, 4, 4 },
};

/* What was counted, by the names of each dimension. */
struct account {
	uint64_t total;
	uint64_t share[MOST_NAMES];
	uint64_t key[MOST_NAMES];
};

struct process {
	struct segment_writer *w;
	struct slot_writer *s;
	unsigned share, key;
};

struct play {
	const struct test_dir *td;
	const struct crowd *crowd;
	struct account account;
	struct process living[LIVING];
	uint32_t started;
	unsigned random;
};

static unsigned draw(struct play *p, unsigned below)
{
	p->random = p->random * 1103515245u + 12345u;
	return (p->random >> 16) % below;
}

/* Some names are drawn much more often than others. */
static unsigned draw_name(struct play *p, unsigned below)
{
	return draw(p, 3) == 0 ? draw(p, 1 + below / 10) : draw(p, below);
}

static void count(struct play *p, struct process *process, unsigned calls)
{
	p->account.total += calls;
	p->account.share[process->share] += calls;
	p->account.key[process->key] += calls;
	while (calls-- > 0) {
		node_record(process->w, node_of(process->s, CREATE, OPENAT),
			    1000, 0, 0);
	}
}

static void begin(struct play *p, struct process *process)
{
	const struct crowd *c = p->crowd;
	char share[16], user[16], client[16];
	unsigned u, a;

	p->started++;
	process->w = segment_make(p->td, 1000000 + p->started, p->started);
	process->share = draw_name(p, c->shares);
	u = draw_name(p, c->users);
	a = draw_name(p, c->clients);
	process->key = (process->share * c->users + u) * c->clients + a;
	assert_in_range(process->key, 0, MOST_NAMES - 1);
	snprintf(share, sizeof(share), "share%u", process->share);
	snprintf(user, sizeof(user), "user%u", u);
	snprintf(client, sizeof(client), "client%u", a);
	process->s = slot_for(process->w, share, user, client);
	process->s->slot->connected_realtime_ns = process->s->slot->began_ns;
	count(p, process, 1 + draw(p, 5));
}

static void end(struct process *process)
{
	segment_close(process->w);
	process->w = NULL;
}

/* Some begin, count, and end; the oldest live for long. */
static void play_round(struct play *p)
{
	unsigned i;

	for (i = 0; i < BEGIN; i++) {
		struct process *process = &p->living[draw(p, LIVING)];

		if (process->w == NULL) {
			begin(p, process);
		} else if (draw(p, process == p->living ? 100 : 2) == 0) {
			end(process);
		} else {
			count(p, process, 1);
		}
	}
}

static void play_begin(struct play *p, const struct test_dir *td,
		       const struct crowd *crowd)
{
	unsigned i;

	memset(p, 0, sizeof(*p));
	p->td = td;
	p->crowd = crowd;
	p->random = crowd->seed;
	/* The departed become full. */
	for (i = 0; i < 600; i++) {
		begin(p, &p->living[0]);
		end(&p->living[0]);
	}
}

static void play_end(struct play *p)
{
	unsigned i;

	for (i = 0; i < LIVING; i++) {
		if (p->living[i].w != NULL) {
			end(&p->living[i]);
		}
	}
	test_dir_empty(p->td);
}

static unsigned number_in(const char *name, const char *prefix)
{
	assert_int_equal(strncmp(name, prefix, strlen(prefix)), 0);
	return (unsigned)atoi(name + strlen(prefix));
}

/* The difference is all that was counted, and nothing under a wrong name. */
static void check_since(const struct play *p, const struct snapshot *now,
			struct snapshot *earlier, const struct account *then)
{
	uint64_t share[MOST_NAMES] = { 0 }, total = 0;
	const struct crowd *c = p->crowd;
	struct table *table = table_of(now, TABLE_OPS, BY_WHO), *before;
	unsigned i;

	assert_true(snapshot_relate(earlier, now));
	before = table_of(earlier, TABLE_OPS, BY_WHO);
	table_subtract(table, before);
	for (i = 0; i < table_count(table); i++) {
		const struct group *g = table_at(table, i);
		unsigned s, key;

		total += g->sum.count;
		if (strcmp(group_name(g, BY_SHARE), DEPARTED_OTHERS) == 0) {
			continue;
		}
		s = number_in(group_name(g, BY_SHARE), "share");
		share[s] += g->sum.count;
		if (strcmp(group_name(g, BY_USER), DEPARTED_OTHERS) == 0) {
			continue;
		}
		key = (s * c->users +
		       number_in(group_name(g, BY_USER), "user")) *
			c->clients +
			number_in(group_name(g, BY_CLIENT), "client");
		assert_in_range(g->sum.count, 1, p->account.key[key] -
				then->key[key]);
	}
	assert_int_equal(total, p->account.total - then->total);
	for (i = 0; i < c->shares; i++) {
		assert_true(share[i] <= p->account.share[i] - then->share[i]);
	}
	table_free(before);
	table_free(table);
}

static void check_differences(const struct test_dir *td,
			      const struct crowd *crowd)
{
	struct snapshot *kept[KEPT] = { NULL };
	struct account then[KEPT];
	struct latency_error error;
	struct play p;
	unsigned round, i;

	play_begin(&p, td, crowd);
	for (round = 0; round < ROUNDS; round++) {
		struct snapshot *now = snapshot_take(td->path, &error);

		assert_non_null(now);
		assert_int_equal(now->problem_count, 0);
		for (i = 0; i < KEPT; i++) {
			if (kept[i] != NULL) {
				check_since(&p, now, kept[i], &then[i]);
			}
		}
		/* The first one stays, and is compared with all. */
		i = round == 0 ? 0 : 1 + round % (KEPT - 1);
		snapshot_free(kept[i]);
		kept[i] = now;
		then[i] = p.account;
		play_round(&p);
	}
	for (i = 0; i < KEPT; i++) {
		snapshot_free(kept[i]);
	}
	play_end(&p);
}

static void test_no_difference_counts_what_was_merged(void **state)
{
	unsigned i;

	for (i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++) {
		check_differences(*state, &crowds[i]);
	}
}

static void check_reset(const struct test_dir *td, const struct crowd *crowd)
{
	struct latency_error error;
	struct account then;
	struct play p;
	unsigned round;

	play_begin(&p, td, crowd);
	for (round = 0; round < ROUNDS; round++) {
		struct snapshot *now, *baseline;

		if (round % 15 == 0) {
			assert_true(baseline_reset(td->path, 0, &error));
			then = p.account;
		}
		play_round(&p);
		now = since_reset_visit(td->path, NULL, NULL, &baseline,
					&error);
		assert_non_null(now);
		assert_int_equal(now->problem_count, 0);
		check_since(&p, now, baseline, &then);
		snapshot_free(baseline);
		snapshot_free(now);
	}
	play_end(&p);
}

static void test_a_reset_holds_while_keys_are_merged(void **state)
{
	unsigned i;

	for (i = 0; i < sizeof(crowds) / sizeof(crowds[0]); i++) {
		check_reset(*state, &crowds[i]);
	}
}

/* ------------------------------- metrics --------------------------------- */

/* noinline: gcc takes what open_memstream(3) makes for the variable itself. */
__attribute__((noinline))
static char *scrape(const struct test_dir *td, unsigned by)
{
	struct metrics_keys keys = { .max_shares = MOST_NAMES };
	const struct report_options options = { .by = by };
	struct metrics *m = metrics_new(&options, &keys);
	struct latency_error error;
	struct snapshot *s;
	char *text;
	size_t size;
	struct metrics_out out = {
		.out = open_memstream(&text, &size),
		.format = METRICS_PROMETHEUS,
		.resolution = METRICS_RESOLUTION,
	};

	assert_non_null(m);
	s = snapshot_visit(td->path, metrics_add, m, &error);
	assert_non_null(s);
	assert_true(metrics_print(m, s, NULL, &out));
	fclose(out.out);
	assert_true(keys.count < METRICS_KEYS);
	metrics_free(m);
	metrics_keys_free(&keys);
	snapshot_free(s);
	return text;
}

static const char series[] =
	"smblatency_vfs_operation_duration_seconds_count{";

/* A series that is there before and after has not gone back. */
static void check_series(const char *before, const char *after)
{
	const char *line;

	for (line = strstr(before, series); line != NULL;
	     line = strstr(line + 1, series)) {
		const char *end = strstr(line, "} ");
		char name[300];
		const char *later;

		assert_non_null(end);
		snprintf(name, sizeof(name), "%.*s", (int)(end + 2 - line),
			 line);
		later = strstr(after, name);
		if (later != NULL && strtoull(later + strlen(name), NULL, 10) <
		    strtoull(end + 2, NULL, 10)) {
			fail_msg("%.200s, then %.200s", line, later);
		}
	}
}

static uint64_t series_sum(const char *text)
{
	const char *line;
	uint64_t sum = 0;

	for (line = strstr(text, series); line != NULL;
	     line = strstr(line + 1, series)) {
		sum += strtoull(strstr(line, "} ") + 2, NULL, 10);
	}
	return sum;
}

static void check_metrics(const struct test_dir *td, const struct crowd *crowd,
			  unsigned by)
{
	char *before = NULL, *after;
	struct play p;
	unsigned round;

	play_begin(&p, td, crowd);
	for (round = 0; round < ROUNDS; round++) {
		after = scrape(td, by);
		assert_int_equal(series_sum(after), p.account.total);
		if (before != NULL) {
			check_series(before, after);
		}
		free(before);
		before = after;
		play_round(&p);
	}
	free(before);
	play_end(&p);
}

static void test_no_series_goes_back(void **state)
{
	const struct crowd few_users = { 2, 12, 20, 5 };
	const struct crowd few_clients = { 2, 20, 12, 6 };
	const struct crowd many_shares = { 500, 1, 1, 7 };

	check_metrics(*state, &few_users, BY(BY_USER));
	check_metrics(*state, &few_clients, BY(BY_CLIENT));
	check_metrics(*state, &many_shares, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_no_difference_counts_what_was_merged,
			test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_a_reset_holds_while_keys_are_merged,
			test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_no_series_goes_back,
			test_dir_make, test_dir_remove),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
