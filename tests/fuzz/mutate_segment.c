/*
 * Changes to a segment that lead somewhere: most random bits are in names, or
 * in zeros that nobody reads.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <string.h>

#include "fuzz.h"
#include "latency_format.h"

#define WINDOW 256u		/* bytes that libFuzzer's own changes see */
#define TRIES 32		/* to find a word that is not zero */

static uint64_t next(uint64_t *state)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return *state * 0x2545f4914f6cdd1du;
}

static uint32_t word_at(const uint8_t *data, size_t at)
{
	uint32_t word;

	memcpy(&word, data + at, sizeof(word));
	return word;
}

/* Where there is a word, one that is used if that can be had. */
static size_t find_word(uint64_t *state, const uint8_t *data, size_t size)
{
	size_t at = 0;
	unsigned i;

	for (i = 0; i < TRIES; i++) {
		/* In the header, in the front, or anywhere. */
		size_t range = next(state) % 4 == 0 ? 576 :
			next(state) % 2 == 0 && size > 40000 ? 40000 : size;

		if (range > size) {
			range = size;
		}
		at = next(state) % (range / 4) * 4;
		if (word_at(data, at) != 0) {
			break;
		}
	}
	return at;
}

static uint32_t new_word(uint64_t *state, const uint8_t *data, size_t size,
			 size_t at)
{
	static const uint32_t odd[] = { 0, 1, 0x7fffffff, 0x80000000,
					0xffffffff, 0xfffffff0, 0x03ffffff };

	switch (next(state) % 6) {
	case 0:
		return word_at(data, at) + (next(state) % 2 ? 1 : -1);
	case 1:
		return odd[next(state) % 7];
	case 2:
		return (uint32_t)(next(state) % (size / LATENCY_LINE + 2));
	case 3:
		return word_at(data, at) ^ 1u << next(state) % 32;
	case 4:
		return (uint32_t)next(state);
	default:
		return word_at(data, find_word(state, data, size));
	}
}

static void change(uint64_t *state, uint8_t *data, size_t size)
{
	size_t at, from;
	uint32_t word;

	switch (next(state) % 8) {
	case 0:				/* a line over another */
		at = next(state) % (size / LATENCY_LINE) * LATENCY_LINE;
		from = next(state) % (size / LATENCY_LINE) * LATENCY_LINE;
		memmove(data + at, data + from, LATENCY_LINE);
		break;
	case 1:				/* any change of a piece */
		at = find_word(state, data, size - WINDOW);
		LLVMFuzzerMutate(data + at, WINDOW, WINDOW);
		break;
	default:
		at = find_word(state, data, size);
		word = new_word(state, data, size, at);
		memcpy(data + at, &word, sizeof(word));
		break;
	}
}

size_t mutate_segment(uint8_t *data, size_t size, size_t max_size,
		      unsigned seed)
{
	uint64_t state = seed * 2654435761u + 1;
	unsigned n;

	(void)max_size;
	if (size < 2 * WINDOW) {
		return LLVMFuzzerMutate(data, size, max_size);
	}
	for (n = 1 + (unsigned)(next(&state) % 4); n > 0; n--) {
		change(&state, data, size);
	}
	if (next(&state) % 64 == 0) {
		size -= next(&state) % (size - WINDOW);
	}
	return size;
}
