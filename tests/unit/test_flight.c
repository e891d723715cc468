/*
 * What is under way: the list as it is written and read.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "unit.h"

#include "flight_reader.h"
#include "flight_writer.h"

#define PID 77
#define ID 5

static struct segment_writer *w;
static struct slot_writer *slot;
static struct segment_image image;

static struct latency_flight *begin(uint64_t message_id)
{
	struct latency_flight *flight = flight_begin(w);

	assert_non_null(flight);
	flight_set(flight, 5, message_id, slot->line, 0, 1000 + message_id);
	strcpy(flight->path, "dir/file");
	return flight;
}

static void make(void **state)
{
	w = segment_make(*state, PID, ID);
	slot = slot_for(w, "data", "anna", "10.0.0.1");
}

static void read_back(void **state)
{
	image_read(*state, segment_name(PID, ID), &image);
}

static void test_what_has_begun_is_read_what_has_ended_is_not(void **state)
{
	struct latency_flight *first, *second;

	make(state);
	first = begin(1);
	second = begin(2);
	read_back(state);
	assert_int_equal(image.flights.count, 2);
	assert_int_equal(image.flights.unlisted, 0);
	segment_image_free(&image);

	flight_end(w, first);
	read_back(state);
	assert_int_equal(image.flights.count, 1);
	assert_int_equal(image.flights.flight[0].message_id, 2);
	assert_string_equal(image.flights.flight[0].path, "dir/file");
	segment_image_free(&image);

	flight_end(w, second);
	read_back(state);
	assert_int_equal(image.flights.count, 0);
	segment_image_free(&image);
	segment_close(w);
}

static void test_one_after_the_other_has_the_same_entry(void **state)
{
	struct latency_flight *first;

	make(state);
	first = begin(1);
	flight_end(w, first);
	assert_ptr_equal(begin(2), first);
	segment_close(w);
}

static void test_what_finds_no_room_is_counted(void **state)
{
	struct latency_flight *flights[300];
	unsigned i;

	make(state);
	for (i = 0; i < 300; i++) {
		flights[i] = begin(i);
	}
	read_back(state);
	assert_int_equal(image.flights.count, LATENCY_FLIGHTS);
	assert_int_equal(image.flights.unlisted, 300 - LATENCY_FLIGHTS);
	segment_image_free(&image);
	for (i = 0; i < 300; i++) {
		flight_end(w, flights[i]);
	}
	read_back(state);
	assert_int_equal(image.flights.count, 0);
	assert_int_equal(image.flights.unlisted, 0);
	segment_image_free(&image);
	segment_close(w);
}

static void test_nothing_is_under_way_in_the_dead(void **state)
{
	make(state);
	begin(1);
	segment_close(w);
	read_back(state);
	assert_int_equal(image.flights.count, 0);
	segment_image_free(&image);
}

static void test_what_changes_meanwhile_is_left_out(void **state)
{
	const struct latency_header *h;
	struct latency_flight *flights[3];
	struct flight_list list;
	unsigned i;

	make(state);
	for (i = 0; i < 3; i++) {
		flights[i] = begin(i);
	}
	h = w->header;
	assert_null(flights_copy(&list, h, w->base,
				 (size_t)w->reserved * LATENCY_LINE));
	assert_int_equal(list.count, 3);
	flight_end(w, flights[0]);
	/* Another one that began at the same time. */
	flight_end(w, flights[1]);
	assert_ptr_equal(begin(1), flights[1]);
	flights_verify(&list, h, w->base);
	assert_int_equal(list.count, 1);
	assert_int_equal(list.flight[0].message_id, 2);
	flights_free(&list);
	segment_close(w);
}

static void test_hostile_bytes_are_an_error_or_nothing(void **state)
{
	struct random random = { 4 };
	struct latency_error error;
	unsigned char *bytes;
	unsigned round, i;

	make(state);
	begin(1);
	bytes = (unsigned char *)w->flights->table;
	for (round = 0; round < 2000; round++) {
		unsigned char kept[sizeof(struct latency_flights)];

		memcpy(kept, bytes, sizeof(kept));
		for (i = 0; i < 4; i++) {
			bytes[random_next(&random) % sizeof(kept)] =
				(unsigned char)random_next(&random);
		}
		if (segment_read(((struct test_dir *)*state)->fd,
				 segment_name(PID, ID), &image, &error) ==
		    SEGMENT_GOOD) {
			assert_true(image.flights.count <= LATENCY_FLIGHTS);
			segment_image_free(&image);
		} else {
			assert_string_not_equal(error.text, "");
		}
		memcpy(bytes, kept, sizeof(kept));
	}
	segment_close(w);
}

int main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, test_dir_make, test_dir_remove)
	const struct CMUnitTest tests[] = {
		TEST(test_what_has_begun_is_read_what_has_ended_is_not),
		TEST(test_one_after_the_other_has_the_same_entry),
		TEST(test_what_finds_no_room_is_counted),
		TEST(test_nothing_is_under_way_in_the_dead),
		TEST(test_what_changes_meanwhile_is_left_out),
		TEST(test_hostile_bytes_are_an_error_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
