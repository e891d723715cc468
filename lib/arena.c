/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include <errno.h>
#include <stdint.h>
#include <sys/mman.h>

#include "arena.h"
#include "invariant.h"

#define CHUNK_SIZE ((size_t)64 << 10)

/* The first bytes of a chunk; the objects follow. */
struct arena_chunk {
	struct arena_chunk *next;
	size_t size;			/* of all of it, in bytes */
};

static size_t round_up(size_t size, size_t to)
{
	return (size + to - 1) & ~(to - 1);
}

/* Maps a chunk that has room for an object of so many bytes. */
static struct arena_chunk *map_chunk(size_t size)
{
	struct arena_chunk *chunk;

	size = round_up(size + ARENA_LINE, CHUNK_SIZE);
	chunk = mmap(NULL, size, PROT_READ | PROT_WRITE,
		     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (chunk == MAP_FAILED) {
		return NULL;
	}
	chunk->size = size;
	return chunk;
}

void *arena_alloc(struct arena *arena, size_t size)
{
	struct arena_chunk *chunk;
	size_t used;

	if (size > SIZE_MAX / 2) {
		errno = ENOMEM;
		return NULL;
	}
	size = round_up(size > 0 ? size : 1, ARENA_LINE);
	if (size > arena->left) {
		chunk = map_chunk(size);
		if (chunk == NULL) {
			return NULL;
		}
		chunk->next = arena->chunks;
		arena->chunks = chunk;
		arena->left = chunk->size - ARENA_LINE;
	}
	chunk = arena->chunks;
	used = chunk->size - arena->left;
	arena->left -= size;
	INVARIANT(used % ARENA_LINE == 0 && used + size <= chunk->size);
	return (char *)chunk + used;
}

void arena_free(struct arena *arena)
{
	struct arena_chunk *chunk = arena->chunks;

	arena->chunks = NULL;
	arena->left = 0;
	while (chunk != NULL) {
		struct arena_chunk *next = chunk->next;

		munmap(chunk, chunk->size);
		chunk = next;
	}
}
