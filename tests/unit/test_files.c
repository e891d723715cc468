/*
 * The files that a slot lists: what is known of each, beside an exact account.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <string.h>

#include "unit.h"

#include "file_writer.h"
#include "hot_files.h"
#include "node_writer.h"
#include "segment_merge.h"

#define PID 77
#define ID 5
#define FILES 3000u
#define USES 40000u

/* Of each file, what it really had. */
static struct latency_file_sum account[FILES];
static struct latency_file_sum all;

static struct random chance = { 7 };

static void note(struct latency_file_sum *sum,
		 const struct latency_file_sum *use)
{
	sum->time_ns += use->time_ns;
	sum->requests += use->requests;
	sum->failures += use->failures;
	sum->read_bytes += use->read_bytes;
	sum->written_bytes += use->written_bytes;
}

/* Few files are used often: the harmonic series, roughly. */
static unsigned some_file(void)
{
	unsigned bits = (unsigned)(random_next(&chance) % 12);
	unsigned file = (unsigned)(random_next(&chance) % (1u << bits));

	return file % FILES;
}

static void use_file(struct slot_writer *s, unsigned file)
{
	const struct latency_file_sum use = {
		.time_ns = random_ns(&chance, 20),
		.requests = 1,
		.failures = random_next(&chance) % 8 == 0,
		.read_bytes = random_next(&chance) % 65536,
		.written_bytes = random_next(&chance) % 4096,
	};
	char path[400];

	/* Those of each third name are cut, and differ at their front only. */
	if (file % 3 == 0) {
		snprintf(path, sizeof(path), "f%u/%0200d", file, 0);
	} else {
		snprintf(path, sizeof(path), "d/%u", file);
	}
	files_count(s, path, &use);
	note(&account[file], &use);
	note(&all, &use);
}

/* FILES for a path that is cut: that does not say which file it is of. */
static unsigned file_number(const struct hot_file *file)
{
	unsigned number = FILES;

	if (!file->cut) {
		assert_int_equal(sscanf(file->path, "d/%u", &number), 1);
	}
	return number;
}

static void check_bounds(const struct latency_file_sum *true_sum,
			 const struct hot_file *file)
{
#define FIGURE(NAME, field, word, doc) \
	assert_true(file->sum.field <= true_sum->field); \
	assert_true(true_sum->field <= \
		    file->sum.field + file->missed.field);
#include "latency_figures.h"
}

/* Reads all, and compares it with the account. */
static void check_all(const struct test_dir *td, unsigned most)
{
	const struct filter everything = { .pid = 0 };
	struct latency_file_sum sum = { .requests = 0 };
	struct latency_error error;
	struct hot_files files;
	unsigned i;

	assert_true(hot_files_read(td->path, &everything, 0, false, &files,
				   &error));
	assert_int_equal(files.problem_count, 0);
	assert_in_range(files.count, 1, most);
	for (i = 0; i < files.count; i++) {
		unsigned number = file_number(&files.file[i]);

		note(&sum, &files.file[i].sum);
		if (number < FILES) {
			check_bounds(&account[number], &files.file[i]);
		}
	}
	note(&sum, &files.dropped);
	assert_memory_equal(&sum, &files.all, sizeof(sum));
	assert_memory_equal(&sum, &all, sizeof(sum));
	hot_files_sort(&files, HOT_TIME);
	/* File 0 and 1 are far ahead: one is cut, the other is not. */
	assert_true(files.file[0].cut || files.file[1].cut);
	hot_files_free(&files);
}

static struct slot_writer *make(void **state, uint64_t id)
{
	return slot_for(segment_make(*state, PID, id), "data", "anna",
			"10.0.0.1");
}

static void forget(void)
{
	memset(account, 0, sizeof(account));
	memset(&all, 0, sizeof(all));
}

static void test_few_files_are_exact(void **state)
{
	struct slot_writer *s = make(state, ID);
	const struct filter everything = { .pid = 0 };
	struct latency_error error;
	struct hot_files files;
	unsigned i;

	forget();
	for (i = 0; i < 5000; i++) {
		use_file(s, 1 + i % 200 / 2 * 3);
	}
	assert_true(hot_files_read(((struct test_dir *)*state)->path,
				   &everything, 0, false, &files, &error));
	assert_int_equal(files.count, 100);
	for (i = 0; i < files.count; i++) {
		const struct hot_file *file = &files.file[i];
		unsigned number = file_number(file);

		assert_memory_equal(&file->sum, &account[number],
				    sizeof(file->sum));
		assert_int_equal(file->missed.requests, 0);
	}
	assert_int_equal(files.dropped.requests, 0);
	hot_files_free(&files);
	segment_close(s->segment);
}

static void test_many_files_are_within_their_bounds(void **state)
{
	struct slot_writer *s = make(state, ID);
	unsigned i;

	forget();
	for (i = 0; i < USES; i++) {
		use_file(s, some_file());
	}
	check_all(*state, LATENCY_FILES);
	segment_close(s->segment);
}

/* One after the other they are added to the departed, with bounds added up. */
static void test_so_are_those_of_processes_that_have_ended(void **state)
{
	unsigned process, i;

	forget();
	for (process = 0; process < 5; process++) {
		struct slot_writer *s = make(state, ID + process);

		for (i = 0; i < USES / 5; i++) {
			use_file(s, some_file());
		}
		segment_close(s->segment);
		check_all(*state, LATENCY_FILES_MERGED);
	}
}

/* ------------------------- beside the true first ones -------------------- */

#define CLIENTS 4u
#define MANY 10000u
#define TOP 20u

static struct latency_file_sum true_sum[MANY];

/* Number i with a weight of 1 / (i + 1), Zipf's law, by bisection. */
static unsigned zipf(const double *below)
{
	double at = (double)(random_next(&chance) >> 11) /
		(double)(1ull << 53) * below[MANY - 1];
	unsigned low = 0, high = MANY - 1;

	while (low < high) {
		unsigned middle = (low + high) / 2;

		if (below[middle] < at) {
			low = middle + 1;
		} else {
			high = middle;
		}
	}
	return low;
}

/* How many of the true first ones are among the first ones of the list. */
static unsigned found_of_top(struct hot_files *files, enum hot_figure by)
{
	unsigned i, j, found = 0;

	hot_files_sort(files, by);
	for (i = 0; i < TOP && i < files->count; i++) {
		unsigned number, larger = 0;
		uint64_t value;

		assert_int_equal(sscanf(files->file[i].path, "d/%u", &number),
				 1);
		value = hot_figure(&true_sum[number], by);
		for (j = 0; j < MANY; j++) {
			larger += hot_figure(&true_sum[j], by) > value;
		}
		found += larger < TOP;
	}
	return found;
}

static void check_true_bounds(const struct hot_files *files)
{
	unsigned i, number;

	for (i = 0; i < files->count; i++) {
		assert_int_equal(sscanf(files->file[i].path, "d/%u", &number),
				 1);
		check_bounds(&true_sum[number], &files->file[i]);
	}
}

static void test_the_first_20_of_10000_are_found(void **state)
{
	static double below[MANY];
	static const char *const client[CLIENTS] = {
		"10.0.0.1", "10.0.0.2", "10.0.0.3", "10.0.0.4"
	};
	const struct filter everything = { .pid = 0 };
	struct segment_writer *w = segment_make(*state, PID, ID);
	struct slot_writer *s[CLIENTS];
	struct latency_error error;
	struct hot_files files;
	unsigned i;

	memset(true_sum, 0, sizeof(true_sum));
	for (i = 0; i < MANY; i++) {
		below[i] = (i == 0 ? 0 : below[i - 1]) + 1.0 / (i + 1);
	}
	for (i = 0; i < CLIENTS; i++) {
		s[i] = slot_for(w, "data", "anna", client[i]);
	}
	for (i = 0; i < 400000; i++) {
		unsigned number = zipf(below);
		const struct latency_file_sum use = {
			.time_ns = 50000 + random_next(&chance) % 100000,
			.requests = 1,
			.read_bytes = 10000,
		};
		char path[32];

		snprintf(path, sizeof(path), "d/%u", number);
		files_count(s[random_next(&chance) % CLIENTS], path, &use);
		note(&true_sum[number], &use);
	}
	assert_true(hot_files_read(((struct test_dir *)*state)->path,
				   &everything, 0, false, &files, &error));
	assert_int_equal(files.problem_count, 0);
	check_true_bounds(&files);
	assert_int_equal(found_of_top(&files, HOT_TIME), TOP);
	assert_int_equal(found_of_top(&files, HOT_REQUESTS), TOP);
	assert_int_equal(found_of_top(&files, HOT_READ), TOP);
	hot_files_free(&files);
	segment_close(w);
}

static void test_many_files_take_no_more_memory(void **state)
{
	const struct latency_file_sum use = { .time_ns = 9, .requests = 1 };
	struct slot_writer *s = make(state, ID);
	uint32_t used = 0;
	char path[32];
	unsigned i;

	for (i = 0; i < 200000; i++) {
		snprintf(path, sizeof(path), "d/%u", i);
		files_count(s, path, &use);
		if (i == 1000) {
			used = s->segment->used;
		}
	}
	assert_int_equal(s->segment->used, used);
	segment_close(s->segment);
}

static void sum_of_image(const struct segment_image *image,
			 struct latency_file_sum *sum)
{
	const struct latency_slot *slot;
	uint32_t i;

	for (slot = image_slot(image, NULL); slot != NULL;
	     slot = image_slot(image, slot)) {
		const struct latency_files *files = image_files(image, slot);

		for (i = 0; files != NULL && i < files->count; i++) {
			note(sum, &image_file(image, files, i)->sum);
		}
		if (files != NULL) {
			note(sum, &files->dropped);
		}
	}
}

/* Where the departed are full it is counted among what was dropped. */
static void test_without_room_for_a_list_nothing_is_lost(void **state)
{
	const struct segment_identity identity = {
		.kind = LATENCY_KIND_DEPARTED,
		.start_realtime_ns = UINT64_MAX,
		.samba_version = "",
	};
	struct test_dir *td = *state;
	struct slot_writer *s = make(state, ID);
	struct segment_writer *to;
	struct latency_file_sum sum = { .requests = 0 };
	struct segment_image image, merged;
	struct latency_error error;
	unsigned i;

	forget();
	for (i = 0; i < 100; i++) {
		use_file(s, i);
	}
	/* Nodes that take more than there is room for. */
	for (i = 0; i < 30 * 5 * 6; i++) {
		node_record(s->segment,
			    node_of(s, i % 30, (int)(i / 30 % 5) - 1),
			    (uint64_t)1 << (10 + i / 150), 0, 0);
	}
	segment_close(s->segment);
	assert_int_equal(segment_read_files(td->fd, segment_name(PID, ID),
					    &image, &error), SEGMENT_GOOD);
	to = segment_create(td->fd, LATENCY_DEPARTED_NEW_NAME, &identity,
			    &error);
	assert_non_null(to);
	assert_int_not_equal(lines_claim(to, DEPARTED_SIZE - (90u << 10)), 0);
	assert_true(segment_merge(to, &image, 1, false, &error));
	segment_publish(to);
	assert_int_equal(segment_read_files(td->fd, LATENCY_DEPARTED_NEW_NAME,
					    &merged, &error), SEGMENT_GOOD);
	sum_of_image(&merged, &sum);
	assert_memory_equal(&sum, &all, sizeof(sum));
	segment_image_free(&merged);
	segment_image_free(&image);
	segment_close(to);
}

static void test_what_is_not_known_is_apart(void **state)
{
	const struct latency_file_sum use = { .time_ns = 5, .requests = 1 };
	const struct filter everything = { .pid = 0 };
	struct slot_writer *s = make(state, ID);
	struct latency_error error;
	struct hot_files files;

	files_count(s, "", &use);
	assert_true(hot_files_read(((struct test_dir *)*state)->path,
				   &everything, 0, false, &files, &error));
	assert_int_equal(files.count, 0);
	assert_int_equal(files.all.requests, 0);
	assert_int_equal(files.unknown.requests, 1);
	hot_files_free(&files);
	segment_close(s->segment);
}

static void test_hostile_bytes_are_an_error_or_nothing(void **state)
{
	struct test_dir *td = *state;
	struct slot_writer *s = make(state, ID);
	struct random random = { 4 };
	struct latency_files *table;
	struct latency_error error;
	struct segment_image image;
	unsigned round, i;

	for (i = 0; i < 100; i++) {
		use_file(s, i);
	}
	table = lines_at(s->segment, s->slot->files);
	for (round = 0; round < 4000; round++) {
		struct latency_file *file = lines_at(s->segment,
						     table->chunk[2]);
		unsigned char *bytes = round % 2 == 0 ?
			(unsigned char *)table : (unsigned char *)file;
		unsigned char kept[sizeof(*file)];
		size_t size = round % 2 == 0 ? sizeof(*table) : sizeof(*file);

		memcpy(kept, bytes, size);
		for (i = 0; i < 4; i++) {
			bytes[random_next(&random) % size] =
				(unsigned char)random_next(&random);
		}
		if (round % 3 == 0) {
			s->slot->files += (uint32_t)random_next(&random) % 64;
		}
		if (segment_read_files(td->fd, segment_name(PID, ID), &image,
				       &error) == SEGMENT_GOOD) {
			const struct latency_slot *slot =
				image_slot(&image, NULL);
			const struct latency_files *files =
				image_files(&image, slot);

			for (i = 0; files != NULL && i < files->count; i++) {
				assert_in_range(strlen(image_file(
					&image, files, i)->path), 0, 159);
			}
			segment_image_free(&image);
		} else {
			assert_string_not_equal(error.text, "");
		}
		memcpy(bytes, kept, size);
		s->slot->files = (uint32_t)(
			((unsigned char *)table - s->segment->base) /
			LATENCY_LINE);
	}
	segment_close(s->segment);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_dir_make, test_dir_remove)
	const struct CMUnitTest tests[] = {
		TEST(test_few_files_are_exact),
		TEST(test_many_files_are_within_their_bounds),
		TEST(test_so_are_those_of_processes_that_have_ended),
		TEST(test_the_first_20_of_10000_are_found),
		TEST(test_many_files_take_no_more_memory),
		TEST(test_without_room_for_a_list_nothing_is_lost),
		TEST(test_what_is_not_known_is_apart),
		TEST(test_hostile_bytes_are_an_error_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
