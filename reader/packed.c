/*
 * Words are coded one by one. First comes a byte that has a bit for each byte
 * of the word that is not zero, then these bytes. Where no bit is set a number
 * follows: of so many words all is zero.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "packed.h"

#define WORD sizeof(uint64_t)

/* The most that a word takes; and the number of zero words behind it. */
#define WORD_PACKED (1 + WORD)
#define NUMBER_PACKED 11

static uint64_t word_at(const unsigned char *data)
{
	uint64_t word;

	memcpy(&word, data, WORD);
	return word;
}

static unsigned char *put_number(unsigned char *to, uint64_t number)
{
	for (; number >= 0x80; number >>= 7) {
		*to++ = (unsigned char)(number | 0x80);
	}
	*to++ = (unsigned char)number;
	return to;
}

static unsigned char *put_word(unsigned char *to, uint64_t word)
{
	unsigned char *mask = to++;
	unsigned i;

	*mask = 0;
	for (i = 0; i < WORD; i++, word >>= 8) {
		if ((word & 0xff) != 0) {
			*mask |= (unsigned char)(1u << i);
			*to++ = (unsigned char)word;
		}
	}
	return to;
}

static bool make_room(struct packer *p, size_t size)
{
	unsigned char *room;

	if (size <= p->room_size) {
		return true;
	}
	room = realloc(p->room, size);
	if (room == NULL) {
		return false;
	}
	p->room = room;
	p->room_size = size;
	return true;
}

static bool set_like(struct packer *p, const void *data, size_t size)
{
	p->like = malloc(size);
	if (p->like == NULL) {
		return false;
	}
	memcpy(p->like, data, size);
	p->like_size = size;
	return true;
}

bool packer_pack(struct packer *p, const void *data, size_t size,
		 size_t common, size_t *length)
{
	const unsigned char *from = data;
	uint64_t zero = 0;
	unsigned char *to;
	size_t i;

	if ((p->like_size == 0 && common != 0 && !set_like(p, data, common)) ||
	    !make_room(p, size / WORD * WORD_PACKED + NUMBER_PACKED)) {
		return false;
	}
	to = p->room;
	for (i = 0; i < size; i += WORD) {
		uint64_t word = word_at(from + i);

		if (i < p->like_size) {
			word ^= word_at(p->like + i);
		}
		if (word == 0) {
			zero++;
			continue;
		}
		if (zero != 0) {
			*to++ = 0;
			to = put_number(to, zero);
			zero = 0;
		}
		to = put_word(to, word);
	}
	*length = (size_t)(to - p->room);
	return true;
}

static const unsigned char *get_number(const unsigned char *from,
				       uint64_t *number)
{
	unsigned shift = 0;

	*number = 0;
	do {
		*number |= (uint64_t)(*from & 0x7f) << shift;
		shift += 7;
	} while (*from++ & 0x80);
	return from;
}

void *packer_unpack(const struct packer *p, const unsigned char *packed,
		    size_t length, size_t size)
{
	const unsigned char *end = packed + length;
	/* What stays zero takes no memory, and no time. */
	unsigned char *data = calloc(size, 1);
	unsigned char *to = data;

	if (data == NULL) {
		return NULL;
	}
	if (p->like_size != 0) {
		memcpy(data, p->like, size < p->like_size ? size :
		       p->like_size);
	}
	while (packed < end) {
		unsigned mask = *packed++;
		uint64_t zero;

		if (mask == 0) {
			packed = get_number(packed, &zero);
			to += zero * WORD;
			continue;
		}
		for (; mask != 0; mask &= mask - 1) {
			to[__builtin_ctz(mask)] ^= *packed++;
		}
		to += WORD;
	}
	return data;
}

void packer_free(struct packer *p)
{
	free(p->like);
	free(p->room);
	memset(p, 0, sizeof(*p));
}
