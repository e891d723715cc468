/*
 * Labels of metrics: who has one keeps it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "metrics.h"
#include "metrics_in_flight.h"
#include "segment_fold.h"
#include "unit.h"

#define CREATE 5u
#define USERS 50u		/* of the departed, each at several clients */

/* A process that has called openat once for this user, at this client. */
static struct segment_writer *process_make(const struct test_dir *td,
					   uint32_t pid, const char *user,
					   unsigned client)
{
	struct segment_writer *w = segment_make(td, pid, pid);
	struct slot_writer *s;
	char address[32];

	snprintf(address, sizeof(address), "192.0.2.%u", client);
	s = slot_for(w, "data", user, address);
	assert_non_null(s);
	node_record(w, node_of(s, CREATE, OPENAT), 1000, 0, 0);
	return w;
}

/* The metrics of now, to be freed. */
static char *scrape_at(const struct test_dir *td, unsigned by,
		       struct metrics_keys *keys, unsigned resolution)
{
	const struct report_options options = { .by = by };
	struct metrics *m = metrics_new(&options, keys);
	struct latency_error error;
	struct snapshot *s;
	char *text;
	size_t size;
	struct metrics_out out = {
		.out = open_memstream(&text, &size),
		.format = METRICS_PROMETHEUS,
		.resolution = resolution,
	};

	assert_non_null(m);
	assert_non_null(out.out);
	s = snapshot_visit(td->path, metrics_add, m, &error);
	assert_non_null(s);
	assert_true(metrics_print(m, s, NULL, &out));
	assert_int_equal(fclose(out.out), 0);
	metrics_free(m);
	snapshot_free(s);
	return text;
}

static char *scrape(const struct test_dir *td, unsigned by,
		    struct metrics_keys *keys)
{
	return scrape_at(td, by, keys, METRICS_RESOLUTION);
}

/* How often a user called openat. */
static unsigned calls_of(const char *text, const char *user)
{
	char start[200];
	const char *line;

	snprintf(start, sizeof(start),
		 "smblatency_vfs_operation_duration_seconds_count{"
		 "share=\"data\",user=\"%s\",layer=\"latency\",op=\"openat\"} ",
		 user);
	line = strstr(text, start);
	return line == NULL ? 0 : (unsigned)atoi(line + strlen(start));
}

/* Who began before his name was merged is one of the others at once. */
static void test_the_departed_know_whom_they_name(void **state)
{
	const struct test_dir *td = *state;
	struct metrics_keys keys = { .max_shares = METRICS_SHARES };
	struct segment_writer *known, *new;
	unsigned i, calls;
	char user[32];
	char *text;

	for (i = 0; i < DEPARTED_SLOTS; i++) {
		snprintf(user, sizeof(user), "user%u", i % USERS);
		segment_close(process_make(td, 1000000 + i, user, i));
	}
	text = scrape(td, BY(BY_USER), &keys);
	assert_int_equal(keys.count, USERS);
	calls = calls_of(text, "user7");
	assert_int_equal(calls, DEPARTED_SLOTS / USERS);
	assert_int_equal(calls_of(text, DEPARTED_OTHERS), 0);
	free(text);

	known = process_make(td, 1, "user7", 7);
	new = process_make(td, 2, "new", 7);
	text = scrape(td, BY(BY_USER), &keys);
	assert_int_equal(calls_of(text, "user7"), calls + 1);
	assert_int_equal(calls_of(text, "new"), 1);
	assert_int_equal(calls_of(text, DEPARTED_OTHERS), 0);
	free(text);

	/* Some of a name are merged: a sum of the rest would go back. */
	for (i = 0; i < DEPARTED_SLOTS; i++) {
		segment_close(process_make(td, 2000000 + i, "new", 1000 + i));
	}
	text = scrape(td, BY(BY_USER), &keys);
	assert_int_equal(calls_of(text, "user7"), 0);
	assert_int_equal(calls_of(text, "new"), DEPARTED_SLOTS + 1);
	assert_int_equal(calls_of(text, DEPARTED_OTHERS), DEPARTED_SLOTS + 1);
	free(text);
	segment_close(known);
	segment_close(new);
	metrics_keys_free(&keys);
}

static void test_the_first_users_keep_their_labels(void **state)
{
	const struct test_dir *td = *state;
	struct metrics_keys keys = { .max_shares = METRICS_SHARES };
	struct segment_writer *first, *later;
	char *text;

	first = process_make(td, 1, "alice", 1);
	free(scrape(td, BY(BY_USER), &keys));
	assert_int_equal(keys.count, 1);
	keys.count = METRICS_KEYS;
	later = process_make(td, 2, "bob", 2);
	text = scrape(td, BY(BY_USER), &keys);
	assert_int_equal(calls_of(text, "alice"), 1);
	assert_int_equal(calls_of(text, "bob"), 0);
	assert_int_equal(calls_of(text, DEPARTED_OTHERS), 1);
	free(text);
	segment_close(first);
	segment_close(later);
	metrics_keys_free(&keys);
}

#define SHARES 7u

/* Calls of all shares together, of which `shares` have a label. */
static unsigned calls_of_all(const char *text, unsigned *shares)
{
	static const char start[] =
		"smblatency_vfs_operation_duration_seconds_count{share=\"";
	unsigned calls = 0;
	const char *at = text;

	*shares = 0;
	while ((at = strstr(at, start)) != NULL) {
		at += sizeof(start) - 1;
		*shares += strncmp(at, DEPARTED_OTHERS "\"",
				   sizeof(DEPARTED_OTHERS)) != 0;
		calls += (unsigned)atoi(strstr(at, "} ") + 2);
	}
	return calls;
}

/* Shares are bounded; what has no label is in the sum. */
static void test_shares_are_bounded_and_their_sum_is_exact(void **state)
{
	const struct test_dir *td = *state;
	struct metrics_keys keys = { .max_shares = 3 };
	struct segment_writer *w = segment_make(td, 1, 1);
	unsigned i, round, shares;
	char share[32];
	char *text;

	for (round = 1; round <= 2; round++) {
		for (i = 0; i < SHARES; i++) {
			struct slot_writer *s;

			snprintf(share, sizeof(share), "share%u", i);
			s = slot_for(w, share, "alice", "192.0.2.1");
			assert_non_null(s);
			node_record(w, node_of(s, CREATE, OPENAT), 1000, 0, 0);
		}
		text = scrape(td, 0, &keys);
		assert_int_equal(calls_of_all(text, &shares), SHARES * round);
		assert_int_equal(shares, 3);
		free(text);
	}
	segment_close(w);
	metrics_keys_free(&keys);

	/* None at all. */
	text = scrape(td, 0, &keys);
	assert_int_equal(calls_of_all(text, &shares), SHARES * 2);
	assert_int_equal(shares, 0);
	free(text);
	metrics_keys_free(&keys);
}

/* Calls are in each bucket whose `le` is more than what they took. */
static unsigned calls_below(const uint64_t *ns, unsigned count, double bound)
{
	unsigned i, below = 0;

	for (i = 0; i < count; i++) {
		below += (double)ns[i] / 1e9 < bound;
	}
	return below;
}

static void test_a_resolution_cuts_octaves_and_counts_exactly(void **state)
{
	static const char start[] =
		"smblatency_vfs_operation_duration_seconds_bucket{"
		"share=\"data\",layer=\"latency\",op=\"openat\",le=\"";
	/* The least of some buckets, the most of others, and beyond all. */
	static const uint64_t ns[] = {
		0, 7, 8, 63, 100, 255, 256, 287, 288, 511, 512, 1000, 1151,
		1000000, 17179869183, 17179869184, 128849018879, 128849018880,
		500000000000,
	};
	const unsigned calls = sizeof(ns) / sizeof(ns[0]);
	static const unsigned buckets[HIST_SUB + 1] = {
		[1] = 26, [2] = 52, [4] = 104, [8] = HIST_BUCKETS - 1,
	};
	const struct test_dir *td = *state;
	struct metrics_keys keys = { .max_shares = METRICS_SHARES };
	struct segment_writer *w = segment_make(td, 1, 1);
	struct slot_writer *s = slot_for(w, "data", "alice", "192.0.2.1");
	unsigned resolution, i;

	assert_non_null(s);
	for (i = 0; i < calls; i++) {
		node_record(w, node_of(s, CREATE, OPENAT), ns[i], 0, 0);
	}
	for (resolution = 1; resolution <= HIST_SUB; resolution *= 2) {
		char *text = scrape_at(td, 0, &keys, resolution);
		const char *at = text;
		unsigned lines = 0;
		double last = 0;

		while ((at = strstr(at, start)) != NULL) {
			char *end;
			double bound = strtod(at + sizeof(start) - 1, &end);

			assert_true(bound > last);
			last = bound;
			at = strstr(end, "} ") + 2;
			assert_int_equal(atoi(at),
					 calls_below(ns, calls, bound));
			lines++;
		}
		/* And that of +Inf. */
		assert_int_equal(lines, buckets[resolution] + 1);
		free(text);
	}
	segment_close(w);
	metrics_keys_free(&keys);
}

static void test_a_resolution_divides_an_octave(void **state)
{
	unsigned i;

	(void)state;
	for (i = 0; i <= 2 * HIST_SUB; i++) {
		assert_int_equal(metrics_resolution(i),
				 i == 1 || i == 2 || i == 4 || i == 8);
	}
}

static bool says(const struct in_flight_list *list, const char *line)
{
	struct metrics_out p = { .format = METRICS_PROMETHEUS };
	char *text;
	size_t size;
	bool found;

	p.out = open_memstream(&text, &size);
	assert_non_null(p.out);
	metrics_in_flight(&p, list);
	assert_int_equal(fclose(p.out), 0);
	found = strstr(text, line) != NULL;
	free(text);
	return found;
}

static void test_what_is_in_flight_is_there_by_request(void **state)
{
	struct in_flight entry[] = {
		{ .request = "SMB2_OP_CREATE", .is_request = true,
		  .age_ns = 3500000000, .op_count = 3,
		  /* Two layers of one op are one. */
		  .op = { { .op = "create_file", .age_ns = 3000000000 },
			  { .op = "openat", .age_ns = 2000000000 },
			  { .op = "openat", .age_ns = 1900000000 } } },
		{ .request = "SMB2_OP_CREATE", .is_request = true,
		  .age_ns = 1000000000 },
		/* Ops of a request that is not known are no request. */
		{ .request = "other", .age_ns = 7000000000, .op_count = 2,
		  .op = { { .op = "pread", .async = true },
			  { .op = "pread", .async = true,
			    .age_ns = 7000000000 } } },
		{ .request = "?", .is_request = true, .age_ns = 1 },
	};
	const struct in_flight_list none = { .count = 0 };
	const struct in_flight_list list = {
		.entry = entry, .count = 4, .unlisted = 5,
	};

	(void)state;
	assert_true(says(&list, "requests_in_flight{request="
			 "\"SMB2_OP_CREATE\"} 2\n"));
	assert_true(says(&list, "requests_in_flight{request=\"?\"} 1\n"));
	assert_false(says(&list, "requests_in_flight{request=\"other\"}"));
	assert_true(says(&list, "oldest_request_seconds{request="
			 "\"SMB2_OP_CREATE\"} 3.500000000\n"));
	assert_true(says(&list, "operations_in_flight{request="
			 "\"SMB2_OP_CREATE\"} 2\n"));
	assert_true(says(&list, "operations_in_flight{request="
			 "\"other\"} 2\n"));
	assert_true(says(&list, "oldest_operation_seconds{request="
			 "\"other\"} 7.000000000\n"));
	assert_true(says(&list, "unlisted_in_flight 5\n"));
	assert_true(says(&none, "oldest_operation_seconds{request="
			 "\"SMB2_OP_CREATE\"} 0.000000000\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_the_departed_know_whom_they_name, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_the_first_users_keep_their_labels, test_dir_make,
			test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_shares_are_bounded_and_their_sum_is_exact,
			test_dir_make, test_dir_remove),
		cmocka_unit_test_setup_teardown(
			test_a_resolution_cuts_octaves_and_counts_exactly,
			test_dir_make, test_dir_remove),
		cmocka_unit_test(test_a_resolution_divides_an_octave),
		cmocka_unit_test(test_what_is_in_flight_is_there_by_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
