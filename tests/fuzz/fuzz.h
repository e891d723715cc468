/*
 * What the fuzzers share. Each fuzz_NAME.c is a program of libFuzzer, built
 * where the compiler is clang; tests/fuzz/fuzzers.py runs them.
 *
 * In: FUZZ_GOOD, a file that is as it should be, of the kind that the fuzzer
 * wants beside what it makes up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "segment_image.h"

/* libFuzzer's: what each program has, and what it may call. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max_size,
			       unsigned seed);
size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max_size);

/* Ends the fuzzer with these words unless it is so. */
#define must(condition) \
	((condition) ? (void)0 : fuzz_failed(#condition, __FILE__, __LINE__))
_Noreturn void fuzz_failed(const char *what, const char *file, int line);

/* Changes references, counters and pieces of a segment. */
size_t mutate_segment(uint8_t *data, size_t size, size_t max_size,
		      unsigned seed);

/* The file of FUZZ_GOOD, read once. */
const uint8_t *fuzz_good(size_t *size);

/*
 * A number that follows from the bytes: which of several things is done with
 * them. One for each run is several times as many runs.
 */
uint32_t fuzz_choice(const uint8_t *data, size_t size);

/*
 * A directory in memory, made once and removed when the fuzzer ends; the
 * descriptor of it, and its path.
 */
int fuzz_directory(void);
const char *fuzz_path(void);
void fuzz_directory_empty(void);

/* Makes a file there; its descriptor, to be closed. */
int fuzz_plant(const char *name, const void *data, size_t size);

/*
 * Reads and checks a segment that is in memory; false: it was refused. The
 * image is to be freed.
 */
bool fuzz_image(const void *data, size_t size, struct segment_image *image);

/* Walks all that an accepted image leads to; how many calls it counts. */
uint64_t fuzz_check_image(const struct segment_image *image);

/*
 * Runs smblatency-stat with these words, NULL at the end; its status. Options
 * are parsed once for each place in the code: `parsed` is static.
 */
struct fuzz_command {
	bool is_parsed;
	struct options options;
	const char *const *rest;
};
int fuzz_run(struct fuzz_command *parsed, const char **words);

#endif
