/*
 * Following a directory: what a follower says of an interval is what two whole
 * snapshots say, whatever has happened in between.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "backdrop.h"
#include "map_guard.h"
#include "same_report.h"
#include "segment_dir.h"
#include "sequence.h"
#include "time_ns.h"
#include "unit.h"

#define SMBDS 12
#define ROUNDS 60
#define CREATE 5u
#define READ 8u

#define BY_KEYS (BY(BY_SHARE) | BY(BY_USER) | BY(BY_CLIENT) | BY(BY_PROCESS))
#define BY_ALL (BY_KEYS | BY(BY_REQUEST) | BY(BY_LAYER) | BY(BY_OP))

/* ------------------------------- smbds ----------------------------------- */

struct smbd {
	struct segment_writer *w;	/* NULL: there is none */
	struct slot_writer *slot;
	bool accounts;			/* has an event loop */
};

struct world {
	const struct test_dir *td;
	struct random random;
	struct smbd smbd[SMBDS];
	uint64_t next_id;
	bool crowded;			/* more users than the departed take */
};

static unsigned any(struct world *world, unsigned below)
{
	return (unsigned)(random_next(&world->random) % below);
}

static void set_phase(struct smbd *smbd, uint32_t phase)
{
	struct latency_time *time = &smbd->w->header->time;

	if (!smbd->accounts) {
		return;
	}
	seq_write_begin(&time->seq);
	/* Whole microseconds: the departed are not rounded one by one. */
	time->mark_ns = clock_read_ns(CLOCK_MONOTONIC) / 1000 * 1000;
	time->phase = phase;
	time->waiting_client_ns += 7000;
	time->vfs_ns += 3000;
	time->waits++;
	seq_write_end(&time->seq);
}

static void tree_connect(struct world *world, struct smbd *smbd)
{
	static const char *const users[] = { "alice", "bob", "carol" };
	static const char *const shares[] = { "Data", "Home" };
	char client[32], user[32];

	snprintf(client, sizeof(client), "192.0.2.%u", any(world, 3));
	strcpy(user, users[any(world, 3)]);
	if (world->crowded && any(world, 4) != 0) {
		snprintf(user, sizeof(user), "user%u", any(world, 600));
	}
	smbd->slot = slot_for(smbd->w, shares[any(world, 2)], user, client);
	assert_non_null(smbd->slot);
}

static void count(struct world *world, struct smbd *smbd)
{
	static const uint32_t errors[] = { 0, 0, 0, ENOENT, EACCES };
	unsigned request = any(world, 2) == 0 ? CREATE : READ;
	unsigned i, calls = 1 + any(world, 4);
	uint64_t below = 0;

	for (i = 0; i < calls; i++) {
		unsigned op = any(world, 4);
		uint64_t ns = random_ns(&world->random, 24);

		below += ns;
		node_record(smbd->w, node_of(smbd->slot, request, (int)op), ns,
			    op == PREAD ? any(world, 65536) : 0,
			    errors[any(world, 5)]);
	}
	node_record(smbd->w, node_of(smbd->slot, request, -1),
		    below + random_ns(&world->random, 26), 0, 0);
}

static void start(struct world *world, struct smbd *smbd, bool accounts)
{
	uint64_t id = world->next_id++;

	smbd->w = segment_make(world->td, 4000000 + (uint32_t)id, id);
	smbd->accounts = accounts;
	/* Only a few can be mapped with one. */
	map_guard_remove(smbd->w->base);
	do {
		tree_connect(world, smbd);
		count(world, smbd);
	} while (world->crowded && any(world, 12) != 0);
	set_phase(smbd, LATENCY_PHASE_WAITING_CLIENT);
}

static void end(struct smbd *smbd)
{
	segment_close(smbd->w);
	smbd->w = NULL;
}

/* Another reader folds it, and another file has its name. */
static void replace(struct world *world, struct smbd *smbd)
{
	const char *name = segment_name(smbd->w->header->pid,
					smbd->w->header->id);
	uint64_t id = segment_name_id(name);
	struct latency_error error = { "" };

	end(smbd);
	snapshot_free(snapshot_take(world->td->path, &error));
	assert_string_equal(error.text, "");
	smbd->w = segment_make(world->td, 4000000 + (uint32_t)id, id);
	smbd->w->header->id += 1000000;
	map_guard_remove(smbd->w->base);
	tree_connect(world, smbd);
	count(world, smbd);
	set_phase(smbd, LATENCY_PHASE_WAITING_CLIENT);
}

static void work(struct world *world, struct smbd *smbd)
{
	static const uint32_t phases[] = {
		LATENCY_PHASE_WAITING_CLIENT,
		LATENCY_PHASE_WAITING_CLIENT | LATENCY_PHASE_CPUS_BUSY,
		LATENCY_PHASE_WAITING_ASYNC,
		LATENCY_PHASE_WORKING,
	};

	set_phase(smbd, LATENCY_PHASE_WORKING);
	switch (any(world, 8)) {
	case 0:
		slot_disconnected(smbd->slot);
		tree_connect(world, smbd);
		break;
	case 1:
		smbd->w->header->unmeasured++;
		break;
	default:
		break;
	}
	if (any(world, 4) != 0) {
		count(world, smbd);
	}
	set_phase(smbd, phases[any(world, 4)]);
}

static void something_happens(struct world *world, struct smbd *smbd)
{
	if (smbd->w == NULL) {
		if (any(world, 2) == 0) {
			start(world, smbd, any(world, 4) != 0);
		}
		return;
	}
	if (!smbd->accounts || (smbd->w->header->time.phase &
				LATENCY_PHASE_KIND) == LATENCY_PHASE_WORKING) {
		/* It works on, without an update. */
		if (any(world, 2) == 0) {
			count(world, smbd);
			return;
		}
	}
	switch (any(world, 12)) {
	case 0:
		end(smbd);
		break;
	case 1:
		if (any(world, 4) == 0) {
			replace(world, smbd);
		}
		break;
	case 2:
	case 3:
	case 4:
		work(world, smbd);
		break;
	default:
		/* It is idle. */
		break;
	}
}

static void world_begin(struct world *world, const struct test_dir *td,
			uint64_t seed, bool crowded)
{
	unsigned i;

	memset(world, 0, sizeof(*world));
	world->td = td;
	world->random.state = seed;
	world->next_id = 1;
	world->crowded = crowded;
	for (i = 0; i < SMBDS; i++) {
		start(world, &world->smbd[i], i != 0);
	}
	/* Whatever one without an account seems to do. */
	world->smbd[0].w->header->time.phase = LATENCY_PHASE_WAITING_CLIENT;
}

static void world_end(struct world *world)
{
	unsigned i;

	for (i = 0; i < SMBDS; i++) {
		if (world->smbd[i].w != NULL) {
			end(&world->smbd[i]);
		}
	}
	test_dir_empty(world->td);
}

/* ------------------------------- following ------------------------------- */

/* A follower, and whole snapshots beside it. */
struct following {
	struct report_options options;
	struct follower *follower;
	struct backdrop *backdrop;
	struct snapshot *marked[FOLLOWER_MARKS];
};

static struct snapshot *copy_of(const struct snapshot *s)
{
	struct snapshot *copy = calloc(1, sizeof(*copy));
	unsigned i;

	assert_non_null(copy);
	copy->taken_realtime_ns = s->taken_realtime_ns;
	copy->taken_monotonic_ns = s->taken_monotonic_ns;
	for (i = 0; i < s->image_count; i++) {
		struct segment_image image;

		assert_true(segment_image_copy(&s->images[i], &image));
		memset(&image.flights, 0, sizeof(image.flights));
		assert_true(snapshot_add_image(copy, &image));
	}
	return copy;
}

/* Both at about the same time; it is said to be the same. */
static struct snapshot *read_both(struct following *f,
				  const struct test_dir *td, bool whole_first)
{
	struct latency_error error = { "" };
	struct snapshot *s = NULL;

	if (whole_first) {
		s = snapshot_take(td->path, &error);
	}
	assert_true(follower_read(f->follower, &error));
	if (!whole_first) {
		s = snapshot_take(td->path, &error);
	}
	assert_string_equal(error.text, "");
	assert_non_null(s);
	s->taken_realtime_ns =
		follower_reading(f->follower)->taken_realtime_ns;
	s->taken_monotonic_ns =
		follower_reading(f->follower)->taken_monotonic_ns;
	return s;
}

/* moves: the mark is set next. */
static void check_since(struct following *f, const struct snapshot *now,
			enum follower_mark mark, bool moves)
{
	struct snapshot *earlier = copy_of(f->marked[mark]);
	struct follower_pair *pair;
	struct report *ours, *whole;

	if (mark == FOLLOWER_FIRST) {
		ours = report_since(&f->options, f->follower, mark, &pair);
	} else {
		assert_true(backdrop_update(f->backdrop, f->follower, mark));
		ours = backdrop_report(f->backdrop, f->follower, mark, moves,
				       &pair);
	}
	whole = report_make(&f->options, now, earlier);
	assert_non_null(ours);
	assert_non_null(whole);
	check_same_report(ours, whole);
	report_free(ours);
	report_free(whole);
	follower_pair_free(pair);
	snapshot_free(earlier);
}

static void mark(struct following *f, const struct snapshot *now,
		 enum follower_mark mark)
{
	follower_set_mark(f->follower, mark);
	snapshot_free(f->marked[mark]);
	f->marked[mark] = copy_of(now);
}

static void following_begin(struct following *f, const struct test_dir *td,
			    const struct report_options *options)
{
	struct snapshot *s;

	memset(f, 0, sizeof(*f));
	f->options = *options;
	f->follower = follower_new(td->path, &f->options.filter);
	f->backdrop = backdrop_new(options);
	assert_non_null(f->follower);
	assert_non_null(f->backdrop);
	s = read_both(f, td, true);
	mark(f, s, FOLLOWER_FIRST);
	mark(f, s, FOLLOWER_LAST);
	assert_true(backdrop_update(f->backdrop, f->follower, FOLLOWER_LAST));
	snapshot_free(s);
}

static void following_end(struct following *f)
{
	snapshot_free(f->marked[FOLLOWER_FIRST]);
	snapshot_free(f->marked[FOLLOWER_LAST]);
	backdrop_free(f->backdrop);
	follower_free(f->follower);
}

/* What happens in the world, and who folds. */
enum how {
	FEW_NAMES,
	CROWDED,			/* the departed merge names */
	CROWDED_FOLDED,			/* likewise, before we look */
};

static void follow(const struct test_dir *td,
		   const struct report_options *options, uint64_t seed,
		   enum how how)
{
	struct world world;
	struct following f;
	unsigned round, i;

	world_begin(&world, td, seed, how != FEW_NAMES);
	following_begin(&f, td, options);
	for (round = 0; round < ROUNDS; round++) {
		bool moves = any(&world, 4) != 0;
		struct snapshot *s;

		for (i = 0; i < SMBDS; i++) {
			something_happens(&world, &world.smbd[i]);
		}
		s = read_both(&f, td, how == CROWDED_FOLDED ||
			      any(&world, 2) == 0);
		check_since(&f, s, FOLLOWER_LAST, moves);
		check_since(&f, s, FOLLOWER_FIRST, false);
		if (moves) {
			mark(&f, s, FOLLOWER_LAST);
		}
		snapshot_free(s);
	}
	following_end(&f);
	world_end(&world);
}

static void test_all_there_is(void **state)
{
	const struct report_options options = { .by = BY_ALL, .ops = true };

	follow(*state, &options, 1, FEW_NAMES);
}

static void test_requests_by_their_keys(void **state)
{
	const struct report_options options = {
		.by = BY_KEYS | BY(BY_REQUEST),
	};

	follow(*state, &options, 2, FEW_NAMES);
}

static void test_extremes_of_many(void **state)
{
	const struct report_options options = { .by = BY(BY_USER) };

	follow(*state, &options, 3, FEW_NAMES);
}

static void test_what_a_filter_wants(void **state)
{
	const struct report_options options = {
		.filter = { .user = "alice", .share = "data" },
		.by = BY_ALL,
		.ops = true,
	};

	follow(*state, &options, 4, FEW_NAMES);
}

/* More than the departed have room for: they merge names. */
static void test_names_that_are_merged(void **state)
{
	const struct report_options options = { .by = BY_ALL, .ops = true };

	follow(*state, &options, 12, CROWDED_FOLDED);
}

/* They do so later, and nothing is lost or counted twice. */
static void test_names_that_will_be_merged(void **state)
{
	const struct report_options options = { .ops = true };

	follow(*state, &options, 13, CROWDED);
}

static void test_one_process(void **state)
{
	const struct report_options options = {
		.filter = { .pid = 4000003 },
		.ops = true,
	};

	follow(*state, &options, 5, FEW_NAMES);
}

/* Where not all segments can be kept open. */
static void test_few_descriptors(void **state)
{
	const struct report_options options = { .ops = true };
	struct rlimit before, few;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
	few = before;
	few.rlim_cur = few.rlim_max = 70;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &few), 0);
	follow(*state, &options, 6, FEW_NAMES);
	setrlimit(RLIMIT_NOFILE, &before);
}

/* ----------------------------- one by one -------------------------------- */

/* A reading that the follower makes first, before anybody folds. */
static void check_now(struct following *f, const struct test_dir *td)
{
	struct snapshot *s = read_both(f, td, false);

	check_since(f, s, FOLLOWER_LAST, true);
	mark(f, s, FOLLOWER_LAST);
	snapshot_free(s);
}

static void test_one_that_has_ended_is_no_process(void **state)
{
	const struct test_dir *td = *state;
	const struct report_options options = {
		.filter = { .pid = 4000003 },
		.by = BY_ALL,
		.ops = true,
	};
	struct world world;
	struct following f;

	world_begin(&world, td, 10, false);
	following_begin(&f, td, &options);
	work(&world, &world.smbd[2]);
	check_now(&f, td);
	work(&world, &world.smbd[2]);
	end(&world.smbd[2]);
	check_now(&f, td);
	check_now(&f, td);
	following_end(&f);
	world_end(&world);
}

/* Folding that was interrupted leaves a segment that the departed count. */
static void test_what_was_folded_is_counted_once(void **state)
{
	const struct test_dir *td = *state;
	const struct report_options options = { .by = BY_ALL, .ops = true };
	struct latency_error error = { "" };
	struct world world;
	struct following f;
	char name[64];

	world_begin(&world, td, 11, false);
	following_begin(&f, td, &options);
	strcpy(name, segment_name(world.smbd[2].w->header->pid,
				  world.smbd[2].w->header->id));
	work(&world, &world.smbd[2]);
	end(&world.smbd[2]);
	assert_int_equal(linkat(td->fd, name, td->fd, "kept", 0), 0);
	snapshot_free(snapshot_take(td->path, &error));
	assert_int_equal(renameat(td->fd, "kept", td->fd, name), 0);
	check_now(&f, td);
	check_now(&f, td);
	following_end(&f);
	world_end(&world);
}

static bool add_one(const struct segment_image *image, void *private_data)
{
	(void)image;
	++*(unsigned *)private_data;
	return true;
}

static bool add_none(const struct segment_image *image, void *private_data)
{
	(void)image;
	(void)private_data;
	return true;
}

static unsigned changed(struct following *f)
{
	struct latency_error error = { "" };
	struct follower_pair *pair;
	unsigned count = 0;

	assert_true(follower_read(f->follower, &error));
	pair = follower_since(f->follower, FOLLOWER_LAST, false, add_none,
			      add_one, &count);
	assert_non_null(pair);
	assert_int_equal(pair->later_changed, count);
	follower_pair_free(pair);
	follower_set_mark(f->follower, FOLLOWER_LAST);
	return count;
}

static void test_the_idle_are_not_read_again(void **state)
{
	const struct report_options options = { .by = 0 };
	struct world world;
	struct following f;

	world_begin(&world, *state, 7, false);
	following_begin(&f, *state, &options);
	/* One has no event loop, so it may have counted. */
	assert_int_equal(changed(&f), 1);
	work(&world, &world.smbd[3]);
	set_phase(&world.smbd[3], LATENCY_PHASE_WAITING_CLIENT);
	assert_int_equal(changed(&f), 2);
	assert_int_equal(changed(&f), 1);
	/* It is at work: who knows what it counts. */
	set_phase(&world.smbd[4], LATENCY_PHASE_WORKING);
	assert_int_equal(changed(&f), 2);
	assert_int_equal(changed(&f), 2);
	/* It has ended: that is read once. */
	end(&world.smbd[5]);
	assert_int_equal(changed(&f), 3);
	assert_int_equal(changed(&f), 2);
	following_end(&f);
	world_end(&world);
}

static void test_bad_segments_are_problems(void **state)
{
	const struct test_dir *td = *state;
	const struct report_options options = { .by = 0 };
	struct latency_error error = { "" };
	struct world world;
	struct following f;
	unsigned i;

	world_begin(&world, td, 8, false);
	following_begin(&f, td, &options);
	assert_int_equal(follower_reading(f.follower)->problem_count, 0);
	world.smbd[2].w->header->major = 99;
	for (i = 0; i < 2; i++) {
		assert_true(follower_read(f.follower, &error));
		assert_int_equal(follower_reading(f.follower)->problem_count,
				 1);
	}
	world.smbd[2].w->header->major = LATENCY_MAJOR;
	assert_true(follower_read(f.follower, &error));
	assert_int_equal(follower_reading(f.follower)->problem_count, 0);
	following_end(&f);
	world_end(&world);
}

static void test_a_directory_that_is_not_there(void **state)
{
	const struct filter all = { .pid = 0 };
	struct follower *f = follower_new("/dev/null/not/there", &all);
	struct latency_error error = { "" };

	(void)state;
	assert_non_null(f);
	assert_false(follower_read(f, &error));
	assert_string_not_equal(error.text, "");
	follower_read_nothing(f);
	assert_int_not_equal(follower_reading(f)->taken_realtime_ns, 0);
	follower_free(f);
}

int main(void)
{
#define IN_DIR(test) \
	cmocka_unit_test_setup_teardown(test, test_dir_make, test_dir_remove)
	const struct CMUnitTest tests[] = {
		IN_DIR(test_all_there_is),
		IN_DIR(test_requests_by_their_keys),
		IN_DIR(test_extremes_of_many),
		IN_DIR(test_what_a_filter_wants),
		IN_DIR(test_names_that_are_merged),
		IN_DIR(test_names_that_will_be_merged),
		IN_DIR(test_one_process),
		IN_DIR(test_few_descriptors),
		IN_DIR(test_one_that_has_ended_is_no_process),
		IN_DIR(test_what_was_folded_is_counted_once),
		IN_DIR(test_the_idle_are_not_read_again),
		IN_DIR(test_bad_segments_are_problems),
		cmocka_unit_test(test_a_directory_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
