/*
 * Memory that stays: what is kept for as long as a segment is.
 *
 * It comes in objects of any size, at cache lines of their own and zero-filled,
 * and is given back as a whole. It does not come from the heap. There, an
 * object that stays lies above one of smbd's buffers of 8 MB more often than
 * not, and then decides how much of the heap is given back to the kernel, and
 * faulted in again, at every large read and write.
 *
 * Memory is mapped in chunks; a page of it costs nothing before it is used. A
 * forked child has a copy.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#ifndef ARENA_H
#define ARENA_H

#include <stddef.h>

#define ARENA_LINE 64u			/* bytes; objects are aligned to that */

/* To be zero-filled before the first use. */
struct arena {
	struct arena_chunk *chunks;	/* the newest first */
	size_t left;			/* bytes of that not yet given away */
};

/* An object of so many bytes, all 0; NULL with ENOMEM if there is no memory. */
void *arena_alloc(struct arena *arena, size_t size)
	__attribute__((malloc, alloc_size(2), assume_aligned(ARENA_LINE)));

/* Gives back all objects; the arena itself may be one of them. */
void arena_free(struct arena *arena);

#endif
