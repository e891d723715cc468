/*
 * A segment spoilt at random: flipped bits, pieces from elsewhere, references
 * that lead somewhere else in the file.
 *
 * In: HOSTILE_ROUNDS, how many rounds of each way to fuzz, from 10 [1000]. Each
 * reads and sums up thousands of nodes: a thousand take a minute of a CPU, and
 * with sanitizers several.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/common_interface_defs.h>
#else
#define __sanitizer_set_death_callback(callback) ((void)(callback))
#endif

#include "hostile.h"
#include "segment_dir.h"

#define WHOLE 5			/* one round of so many folds and sums, too */
#define ENOUGH_ROUNDS 1000	/* for some to be good ones */

static unsigned rounds = ENOUGH_ROUNDS;	/* of each way to fuzz */

/* Which round of fuzzing this is: with it a failure can be had again. */
static char note[64];

static void note_print(void)
{
	if (note[0] != '\0') {
		print_message("in: %s\n", note);
		note[0] = '\0';
	}
}

static void flip_bits(struct random *random, unsigned char *data)
{
	unsigned n = 1 + (unsigned)(random_next(random) % 8);

	while (n-- > 0) {
		uint64_t bit = random_next(random) % (good.size * 8);

		/* Most of what can go wrong is in the front. */
		if (random_next(random) % 2 == 0) {
			bit %= 8 * 14000;
		}
		data[bit / 8] ^= (unsigned char)(1u << bit % 8);
	}
}

/* Overwrites pieces with pieces from elsewhere, or with random words. */
static void splice_pieces(struct random *random, unsigned char *data)
{
	unsigned n = 1 + (unsigned)(random_next(random) % 4);

	while (n-- > 0) {
		size_t length = 1 + random_next(random) % 512;
		size_t from = random_next(random) % (good.size - length);
		size_t to = random_next(random) % (good.size - length);

		if (random_next(random) % 2 == 0) {
			to &= ~(size_t)63;
			from &= ~(size_t)63;
		}
		memmove(data + to, data + from, length);
	}
}

/* Replaces references by others that lead somewhere into the file. */
static void redirect(struct random *random, unsigned char *data)
{
	unsigned n = 1 + (unsigned)(random_next(random) % 20);
	uint32_t used = good.image.header->used;

	while (n > 0) {
		size_t at = (150 * 64 + random_next(random) %
			     (good.size - 150 * 64 - 4)) & ~(size_t)3;
		uint32_t line;

		memcpy(&line, data + at, sizeof(line));
		if (line >= 150 && line < used) {
			line = 150 + (uint32_t)(random_next(random) % used);
			memcpy(data + at, &line, sizeof(line));
			n--;
		}
	}
}

/* Each round has a seed of its own, so that it can be had alone. */
static void fuzz(const struct test_dir *td, const char *how,
		 void (*spoil)(struct random *random, unsigned char *data))
{
	const char *name = segment_name(PID, ID);
	unsigned char *data = malloc(good.size);
	unsigned round, bad = 0;

	for (round = 1; round <= rounds; round++) {
		struct random random = { round };
		struct latency_error error;
		bool alive;
		int fd;

		random_next(&random);
		memcpy(data, good.data, good.size);
		spoil(&random, data);
		fd = plant(td, name, data, good.size);
		alive = random_next(&random) % 2 == 0;
		if (alive) {
			segment_own(fd);
		}
		snprintf(note, sizeof(note), "%s, round %u", how, round);
		bad += read_planted(td, name, &error) == SEGMENT_BAD;
		if (round % WHOLE == 0) {
			meet(td, name, &error);
			test_dir_empty(td);
		}
		close(fd);
		if (round % (rounds / 10) == 0) {
			print_message("             %s: %u of %u\n", how,
				      round, rounds);
			fflush(stdout);
		}
	}
	note[0] = '\0';
	free(data);
	assert_in_range(bad, 1, rounds < ENOUGH_ROUNDS ? rounds : rounds - 1);
}

static void test_flipped_bits(void **state)
{
	fuzz(*state, "flipped bits", flip_bits);
}

static void test_splices(void **state)
{
	fuzz(*state, "splices", splice_pieces);
}

static void test_redirected_references(void **state)
{
	fuzz(*state, "redirected references", redirect);
}

static int note_and_remove(void **state)
{
	note_print();
	return test_dir_remove(state);
}

#define TEST(function) \
	cmocka_unit_test_setup_teardown(function, \
					test_dir_make, note_and_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_flipped_bits),
		TEST(test_splices),
		TEST(test_redirected_references),
	};
	const char *asked = getenv("HOSTILE_ROUNDS");

	if (asked != NULL) {
		char *end;
		unsigned long number = strtoul(asked, &end, 10);

		if (*end != '\0' || number < 10 || number > 1000000) {
			fprintf(stderr, "test_hostile_fuzz: HOSTILE_ROUNDS is "
				"%s, not 10 to 1000000\n", asked);
			return 2;
		}
		rounds = (unsigned)number;
	}
	__sanitizer_set_death_callback(note_print);
	return cmocka_run_group_tests(tests, good_make, good_free);
}
