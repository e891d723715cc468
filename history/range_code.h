/*
 * Numbers as few bits: an adaptive binary range coder.
 *
 * What is likely takes less than a bit. How likely it is, the models learn from
 * what came before, in the same way when it is read as when it was written. So
 * one function serves both: it takes the value when it writes, and returns it
 * when it reads.
 *
 * It is the coder of LZMA (G. N. N. Martin, "Range encoding", 1979), with
 * probabilities of 16 bits that learn quickly at first.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef RANGE_CODE_H
#define RANGE_CODE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "counters_code.h"

/* How likely a bit is 0, of 65536; 0: nothing is known yet. */
struct bit_model {
	uint16_t zero;
	uint16_t seen;
};

struct range_coder {
	struct counters_bytes *to; /* NULL: it reads */
	const unsigned char *at;
	const unsigned char *end;
	unsigned beyond; /* bytes asked for after the end */
	uint64_t low;
	uint32_t range;
	uint32_t code;
	uint64_t pending;    /* bytes that may still carry */
	unsigned char first; /* the first of them */
};

/* Begins to write; `to` says if there was no memory. */
void range_write(struct range_coder *c, struct counters_bytes *to);

/* Writes what is left. */
void range_finish(struct range_coder *c);

/* Begins to read. */
void range_read(struct range_coder *c, const void *data, size_t size);

/* Was there more to be read than there is? Then it made no sense. */
bool range_overrun(const struct range_coder *c);

unsigned range_bit(struct range_coder *c, struct bit_model *model,
		   unsigned bit);

/* So many bits of which nothing is known, up to 64. */
uint64_t range_raw(struct range_coder *c, uint64_t value, unsigned bits);

/*
 * A number below 1 << bits; `models` has as many. What is returned has a 1
 * before the bits.
 */
unsigned range_tree(struct range_coder *c, struct bit_model *models,
		    unsigned value, unsigned bits);

/* ------------------------------- numbers ---------------------------------- */

/* Any number: its length is learned, and the bit below the highest. */
struct number_models {
	struct bit_model length[128];
	struct bit_model second[65];
};

uint64_t range_number(struct range_coder *c, struct number_models *models,
		      uint64_t value);

/* Numbers of which it is known how large they should be. */
#define COUNT_CLASSES 48u
#define COUNT_LENGTHS 65u

struct count_models {
	struct bit_model length[COUNT_CLASSES][COUNT_LENGTHS];
	struct bit_model below[COUNT_CLASSES][8][8];
	struct bit_model less[COUNT_CLASSES];
};

/* What is expected, in 16ths: part / whole * count. */
uint64_t range_expected(uint64_t part, uint64_t whole, uint64_t count);

/*
 * A count of which `expected` 16ths are expected. Where that is 0, `near` tells
 * kinds of nothing apart: 0 to 3.
 */
uint64_t range_count(struct range_coder *c, struct count_models *models,
		     uint64_t value, uint64_t expected, unsigned near);

/* The number of bits of a number: 0 of 0, 64 at most. */
static inline unsigned bit_length(uint64_t value)
{
	return value == 0 ? 0 : 64 - (unsigned)__builtin_clzll(value);
}

#endif
