/*
 * Packing what is mostly zero, such as the image of a segment: of each word of
 * 8 bytes those that are not zero. What many images have in common, their
 * tables of layers and ops, is not kept with each.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef PACKED_H
#define PACKED_H

#include <stdbool.h>
#include <stddef.h>

/* Zero in the beginning. */
struct packer {
	unsigned char *like;	/* how all of them begin, more or less */
	size_t like_size;	/* 0: not known yet */
	unsigned char *room;	/* for what is being packed */
	size_t room_size;
};

/*
 * Packs size bytes, a multiple of 8 and aligned. The first `common` bytes of
 * what is packed first are what the others are compared with. *length bytes
 * of packer->room are the result, until the next call. Returns false if there
 * is no memory.
 */
bool packer_pack(struct packer *packer, const void *data, size_t size,
		 size_t common, size_t *length);

/*
 * What was packed: size bytes to be freed. Packed by the same packer, it makes
 * sense. Returns NULL if there is no memory.
 */
void *packer_unpack(const struct packer *packer, const unsigned char *packed,
		    size_t length, size_t size);

void packer_free(struct packer *packer);

#endif
