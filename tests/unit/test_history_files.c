/*
 * The hot files of the history: what is stored, beside an exact account.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "file_writer.h"
#include "history_file_record.h"
#include "history_file_store.h"
#include "history_files.h"
#include "hot_files.h"

#define KEYS 4u
#define FILES 3000u
#define STEPS 5u
#define USES 20000u		/* of files in a step */

static const struct { const char *user, *client; } keys[KEYS] = {
	{ "anna", "10.0.0.1" }, { "anna", "10.0.0.2" },
	{ "bert", "10.0.0.1" }, { "idle", "10.0.0.3" },
};

/* What each file really had of a key in a step. */
static struct latency_file_sum account[STEPS][KEYS][FILES];

static const struct filter everything = { .pid = 0 };
static struct random chance = { 11 };

struct recorded {
	struct test_dir *td;
	struct history_db db;
	struct history_file_recorder recorder;
	struct segment_writer *segment;
	struct slot_writer *slot[KEYS];
	uint64_t end_ns[STEPS + 1];	/* of steps; of [0] the beginning */
};

/* Few files are used often. */
static void use_files(struct recorded *r, unsigned count,
		      struct latency_file_sum (*sums)[FILES])
{
	unsigned i;

	for (i = 0; i < count; i++) {
		unsigned bits = (unsigned)(random_next(&chance) % 12);
		unsigned file = (unsigned)(random_next(&chance) %
					   (1u << bits)) % FILES;
		unsigned key = (unsigned)(random_next(&chance) % (KEYS - 1));
		const struct latency_file_sum use = {
			.time_ns = random_ns(&chance, 20),
			.requests = 1,
			.failures = random_next(&chance) % 8 == 0,
			.read_bytes = random_next(&chance) % 65536,
			.written_bytes = random_next(&chance) % 4096,
		};
		char path[400];

		/* Those of each third name are cut: the front is left out. */
		snprintf(path, sizeof(path), file % 3 == 0 ?
			 "f%u/%0200d" : "d/\n%u", file, 0);
		files_count(r->slot[key], path, &use);
		if (sums != NULL) {
			hot_sum_add(&sums[key][file], &use);
		}
	}
}

/* A time after which the clock has gone on. */
static uint64_t record(struct recorded *r)
{
	struct latency_error error;

	if (!history_file_record(&r->recorder, &r->db, r->td->path, false,
				 &error)) {
		fail_msg("%s", error.text);
	}
	return r->recorder.last_ns;
}

static void begin(struct recorded *r, void **state)
{
	struct history_keep keep = {
		.count = 2, .level = { { 0, 0 }, { 1, UINT64_MAX } },
	};
	struct latency_error error;
	char name[512];
	unsigned i;

	memset(r, 0, sizeof(*r));
	r->td = *state;
	snprintf(name, sizeof(name), "%s/history.db", r->td->path);
	assert_true(history_db_create(&r->db, name, &error));
	history_file_record_begin(&r->recorder, &keep);
	r->segment = segment_make(r->td, 77, 5);
	for (i = 0; i < KEYS; i++) {
		r->slot[i] = slot_for(r->segment, "data", keys[i].user,
				      keys[i].client);
	}
}

static void end(struct recorded *r)
{
	history_file_record_end(&r->recorder);
	history_db_close(&r->db);
	segment_close(r->segment);
}

/* Some steps; what came before them is in none. */
static void record_steps(struct recorded *r, void **state)
{
	unsigned step;

	memset(account, 0, sizeof(account));
	begin(r, state);
	use_files(r, USES, NULL);
	r->end_ns[0] = record(r);
	for (step = 0; step < STEPS; step++) {
		use_files(r, USES, account[step]);
		r->end_ns[step + 1] = record(r);
	}
}

/* FILES for a path that is cut: that does not say which file it is of. */
static unsigned file_number(const struct hot_file *file)
{
	unsigned number = FILES;

	if (!file->cut) {
		assert_int_equal(sscanf(file->path, "d/\n%u", &number), 1);
	}
	return number;
}

/* Is this key what was asked for, and what the file is of? */
static bool is_of(unsigned key, const struct filter *filter,
		  const struct hot_file *file)
{
	const char *user = file != NULL && file->user != NULL ? file->user :
		keys[key].user;
	const char *client = file != NULL && file->client != NULL ?
		file->client : keys[key].client;

	return (filter->user == NULL ||
		strcmp(filter->user, keys[key].user) == 0) &&
		strcmp(user, keys[key].user) == 0 &&
		strcmp(client, keys[key].client) == 0;
}

/* What a file, or all of them for FILES, really had in these steps. */
static struct latency_file_sum truth(unsigned from, unsigned to,
				     const struct filter *filter,
				     const struct hot_file *file,
				     unsigned number)
{
	struct latency_file_sum sum = { .requests = 0 };
	unsigned step, key, i;

	for (step = from; step < to; step++) {
		for (key = 0; key < KEYS; key++) {
			if (!is_of(key, filter, file)) {
				continue;
			}
			for (i = 0; i < FILES; i++) {
				if (number == FILES || number == i) {
					hot_sum_add(&sum,
						    &account[step][key][i]);
				}
			}
		}
	}
	return sum;
}

static void check_equal(const struct latency_file_sum *a,
			const struct latency_file_sum *b)
{
	assert_memory_equal(a, b, sizeof(*a));
}

/* Each file had what is said, and no more than what it may have missed. */
static void check(struct recorded *r, unsigned from, unsigned to,
		  const struct filter *filter, unsigned by)
{
	struct latency_file_sum all = { .requests = 0 }, real;
	struct history_files_span span;
	struct latency_error error;
	struct hot_files files;
	unsigned i;

	if (!history_files_read(&r->db, r->end_ns[from], r->end_ns[to], filter,
				by, &files, &span, &error)) {
		fail_msg("%s", error.text);
	}
	assert_int_equal(span.steps, to - from);
	assert_int_equal(span.begin_ns, r->end_ns[from]);
	assert_int_equal(span.end_ns, r->end_ns[to]);
	for (i = 0; i < files.count; i++) {
		const struct hot_file *file = &files.file[i];
		unsigned number = file_number(file), f;

		hot_sum_add(&all, &file->sum);
		if (number == FILES) {
			continue;
		}
		real = truth(from, to, filter, file, number);
		for (f = 0; f < HOT_FIGURE_END; f++) {
			uint64_t least = hot_figure(&file->sum, f);

			assert_in_range(hot_figure(&real, f), least,
					least + hot_figure(&file->missed, f));
		}
	}
	/* With what the others had it is all there was. */
	hot_sum_add(&all, &files.dropped);
	check_equal(&all, &files.all);
	real = truth(from, to, filter, NULL, FILES);
	check_equal(&all, &real);
	hot_files_free(&files);
}

static void test_figures_are_those_of_the_account(void **state)
{
	const unsigned both = BY(BY_USER) | BY(BY_CLIENT);
	const struct filter anna = { .user = "anna" };
	struct recorded r;

	record_steps(&r, state);
	check(&r, 0, STEPS, &everything, 0);
	check(&r, 0, STEPS, &everything, both);
	check(&r, 0, STEPS, &everything, BY(BY_USER));
	check(&r, 0, STEPS, &everything, BY(BY_CLIENT));
	check(&r, 0, STEPS, &anna, 0);
	check(&r, 1, 3, &anna, both);
	check(&r, STEPS - 1, STEPS, &everything, 0);
	end(&r);
}

static int64_t ask(struct recorded *r, const char *question)
{
	struct sqlite3_stmt *s;
	struct latency_error error;
	bool failed = false;
	int64_t answer;

	s = history_prepare(&r->db, question, &error);
	assert_non_null(s);
	assert_true(history_next(&r->db, s, &failed, &error));
	answer = sqlite3_column_int64(s, 0);
	sqlite3_finalize(s);
	return answer;
}

static void test_a_step_takes_a_bounded_number_of_rows(void **state)
{
	struct recorded r;

	record_steps(&r, state);
	assert_int_equal(ask(&r, "SELECT count(*) FROM file_step"), STEPS);
	assert_in_range(ask(&r, "SELECT max(n) FROM (SELECT count(*) AS n "
			    "FROM file GROUP BY step)"),
			HISTORY_FILES,
			HISTORY_FILES + KEYS * HISTORY_FILES_OF_KEY);
	/* Who did nothing is not there. */
	assert_int_equal(ask(&r, "SELECT count(*) FROM file_rest JOIN key ON "
			     "key.id = key WHERE user = 'idle'"), 0);
	assert_int_equal(ask(&r, "SELECT min(n) FROM (SELECT count(*) AS n "
			     "FROM file_rest GROUP BY step)"), KEYS - 1);
	end(&r);
}

static void test_what_is_old_is_forgotten(void **state)
{
	struct recorded r;

	record_steps(&r, state);
	r.recorder.keep_ns = r.end_ns[STEPS] - r.end_ns[STEPS - 1];
	use_files(&r, 10, account[0]);
	record(&r);
	assert_in_range(ask(&r, "SELECT count(*) FROM file_step"), 1, 2);
	assert_int_equal(ask(&r, "SELECT count(*) FROM file WHERE step NOT IN "
			     "(SELECT id FROM file_step)"), 0);
	assert_int_equal(ask(&r, "SELECT count(*) FROM file_rest WHERE step "
			     "NOT IN (SELECT id FROM file_step)"), 0);
	end(&r);
}

/* A time within a step shows that step; one after all shows nothing. */
static void test_the_nearest_step(void **state)
{
	struct history_files_span span;
	struct latency_error error;
	struct hot_files files;
	struct recorded r;

	record_steps(&r, state);
	assert_true(history_files_read(&r.db, r.end_ns[1] + 1, r.end_ns[1] + 2,
				       &everything, 0, &files, &span, &error));
	assert_int_equal(span.steps, 1);
	assert_int_equal(span.begin_ns, r.end_ns[1]);
	assert_true(files.count != 0);
	hot_files_free(&files);
	assert_true(history_files_read(&r.db, r.end_ns[STEPS] + 1, INT64_MAX,
				       &everything, 0, &files, &span, &error));
	assert_int_equal(span.steps, 0);
	assert_int_equal(files.count, 0);
	hot_files_free(&files);
	end(&r);
}

/* A recorder that begins again does not know what came in between. */
static void test_a_new_recorder_begins_where_it_is(void **state)
{
	struct recorded r;

	record_steps(&r, state);
	use_files(&r, USES, NULL);
	hot_files_free(&r.recorder.last);
	r.recorder.last_ns = 0;
	record(&r);
	check(&r, 0, STEPS, &everything, 0);
	end(&r);
}

static void refuse(void **state, const char *change)
{
	struct history_files_span span;
	struct latency_error error;
	struct hot_files files;
	struct recorded r;

	record_steps(&r, state);
	assert_true(history_run(&r.db, change, &error));
	assert_false(history_files_read(&r.db, 0, INT64_MAX, &everything, 0,
					&files, &span, &error));
	assert_non_null(strstr(error.text, r.db.name));
	end(&r);
}

static void test_a_hostile_sum(void **state)
{
	refuse(state, "UPDATE file SET requests = -1000000000");
}

static void test_a_hostile_rest(void **state)
{
	refuse(state, "UPDATE file_rest SET unknown_time_ns = -1");
}

static void test_a_sum_that_is_too_large(void **state)
{
	refuse(state, "UPDATE file SET missed_time_ns = 9223372036854775807");
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, test_dir_make, \
					test_dir_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_figures_are_those_of_the_account),
		TEST(test_a_step_takes_a_bounded_number_of_rows),
		TEST(test_what_is_old_is_forgotten),
		TEST(test_the_nearest_step),
		TEST(test_a_new_recorder_begins_where_it_is),
		TEST(test_a_hostile_sum),
		TEST(test_a_hostile_rest),
		TEST(test_a_sum_that_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
