/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "latency_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "map_guard.h"
#include "name.h"
#include "segment_dir.h"
#include "segment_writer.h"

/* All of the header but the magic. */
static void fill_header(struct segment_writer *w,
			const struct segment_identity *identity)
{
	struct latency_header *h = w->header;

	h->byte_order = LATENCY_BYTE_ORDER;
	h->major = LATENCY_MAJOR;
	h->minor = LATENCY_MINOR;
	h->header_size = sizeof(*h);
	h->kind = identity->kind;
	h->pid = identity->pid;
	h->id = identity->id;
	h->start_realtime_ns = identity->start_realtime_ns;
	h->start_monotonic_ns = identity->start_monotonic_ns;
	strncpy(h->samba_version, identity->samba_version,
		sizeof(h->samba_version) - 1);
	strncpy(h->module_version, LATENCY_VERSION,
		sizeof(h->module_version) - 1);
	h->used = w->used;
}

/* Gives the file its name, which must be free. */
static bool give_name(int dir, const char *made, const char *name,
		      struct latency_error *error)
{
	if (strcmp(made, name) == 0) {
		return true;
	}
	if (linkat(dir, made, dir, name, 0) != 0) {
		error_set(error, "%s: cannot make: %s", name, strerror(errno));
		return false;
	}
	unlinkat(dir, made, 0);
	return true;
}

struct segment_writer *segment_create(int dir, const char *name,
				      const struct segment_identity *identity,
				      struct latency_error *error)
{
	struct arena arena = { .chunks = NULL };
	struct segment_writer *w = arena_alloc(&arena, sizeof(*w));
	struct latency_header *h;
	char made[80];
	void *map;

	if (w == NULL) {
		error_set(error, "%s: out of memory", name);
		return NULL;
	}
	w->arena = arena;
	hash_forget(&w->free_slots);
	w->limit = LATENCY_MAX_SIZE;
	/* A process's segment never has its name without its lock. */
	snprintf(made, sizeof(made), "%s%s", name,
		 identity->kind == LATENCY_KIND_PROCESS ? SEGMENT_NEW_SUFFIX :
		 "");
	w->fd = segment_open(dir, made, O_RDWR | O_CREAT | O_EXCL, error);
	if (w->fd == -1) {
		arena_free(&arena);
		return NULL;
	}
	if (!segment_own(w->fd)) {
		error_set(error, "%s: cannot lock: %s", name, strerror(errno));
		goto fail;
	}
	segment_admit_group(dir, w->fd);
	if (!lines_reserve(w, LINES(sizeof(*h)))) {
		error_set(error, "%s: no room: %s", name, strerror(w->full));
		goto fail;
	}
	map = mmap(NULL, LATENCY_MAX_SIZE, PROT_READ | PROT_WRITE,
		   MAP_SHARED | MAP_NORESERVE, w->fd, 0);
	if (map == MAP_FAILED) {
		error_set(error, "%s: cannot map: %s", name, strerror(errno));
		goto fail;
	}
	h = map;
	if (!map_guard_add(map, LATENCY_MAX_SIZE, &h->control.off)) {
		error_set(error, "%s: cannot guard: %s", name, strerror(errno));
		munmap(map, LATENCY_MAX_SIZE);
		goto fail;
	}
	w->base = map;
	w->header = h;
	w->used = LINES(sizeof(*h));
	fill_header(w, identity);
	if (give_name(dir, made, name, error)) {
		return w;
	}
	map_guard_remove(map);
	munmap(map, LATENCY_MAX_SIZE);
fail:
	unlinkat(dir, made, 0);
	close(w->fd);
	arena_free(&arena);
	return NULL;
}

struct segment_writer *segment_create_private(
	const struct segment_identity *identity, struct latency_error *error)
{
	struct arena arena = { .chunks = NULL };
	struct segment_writer *w = arena_alloc(&arena, sizeof(*w));
	void *map = mmap(NULL, LATENCY_MAX_SIZE, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (w == NULL || map == MAP_FAILED) {
		error_set(error, "out of memory");
		arena_free(&arena);
		if (map != MAP_FAILED) {
			munmap(map, LATENCY_MAX_SIZE);
		}
		return NULL;
	}
	w->arena = arena;
	hash_forget(&w->free_slots);
	w->limit = LATENCY_MAX_SIZE;
	w->fd = -1;
	/* There is nothing to reserve: a page comes when it is touched. */
	w->reserved = LATENCY_MAX_SIZE / LATENCY_LINE;
	w->base = map;
	w->header = map;
	w->used = LINES(sizeof(struct latency_header));
	fill_header(w, identity);
	return w;
}

void segment_publish(struct segment_writer *w)
{
	uint64_t magic;

	memcpy(&magic, LATENCY_MAGIC, sizeof(magic));
	/* Pairs with the word_follow() of read_mapped(): all of the header. */
	word_publish((uint64_t *)(void *)w->header->magic, magic);
}

void segment_close(struct segment_writer *w)
{
	struct arena arena = w->arena;

	map_guard_remove(w->base);
	munmap(w->base, LATENCY_MAX_SIZE);
	if (w->fd != -1) {
		close(w->fd);
	}
	hash_forget(&w->free_slots);
	/* That has been in it, too. */
	arena_free(&arena);
}

void segment_detach(struct segment_writer *w)
{
	map_guard_detach(w->base);
	if (w->fd != -1) {
		close(w->fd);
		w->fd = -1;
	}
}

int segment_add_op(struct segment_writer *w, const char *name,
		   enum latency_class error_class)
{
	struct latency_header *h = w->header;
	uint32_t i = w->ops;

	if (i == LATENCY_MAX_OPS) {
		return -1;
	}
	strncpy(h->op[i].name, name, sizeof(h->op[i].name) - 1);
	h->op[i].error_class = error_class;
	w->ops = i + 1;
	/* PART_BEFORE_NUMBER, pairs with the fence of segment_copy(). */
	word_publish(&h->op_count, w->ops);
	return (int)i;
}

int segment_op(struct segment_writer *w, const char *name,
	       enum latency_class error_class)
{
	struct latency_header *h = w->header;
	uint32_t i;

	for (i = 0; i < w->ops; i++) {
		if (strcmp(h->op[i].name, name) == 0) {
			return (int)i;
		}
	}
	return segment_add_op(w, name, error_class);
}

/*
 * Makes a name known as a whole: a reader that follows its first word has the
 * rest as well, one that comes earlier finds it empty.
 */
static void publish_layer(struct latency_layer *to,
			  const struct latency_layer *layer)
{
	uint64_t first;

	memcpy(&first, layer->name, sizeof(first));
	memcpy(to->name + sizeof(first), layer->name + sizeof(first),
	       sizeof(to->name) - sizeof(first));
	/* Pairs with the word_follow() of read_layers(). */
	word_publish((uint64_t *)(void *)to->name, first);
}

int segment_layer(struct segment_writer *w, const char *name)
{
	struct latency_layer *layer = w->header->layer;
	struct latency_layer new = { .name = "" };
	uint32_t i;

	for (i = 1; i <= w->layers; i++) {
		if (name_is(layer[i].name, sizeof(layer[i].name), name)) {
			return (int)i;
		}
	}
	if (i == LATENCY_MAX_LAYERS) {
		return -1;
	}
	name_copy(new.name, sizeof(new.name), name);
	publish_layer(&layer[i], &new);
	w->layers = i;
	return (int)i;
}

struct latency_slow_ring *segment_slow_ring(struct segment_writer *w)
{
	if (w->slow_ring == NULL) {
		uint32_t line = lines_claim(w, sizeof(*w->slow_ring));

		if (line == 0) {
			return NULL;
		}
		w->slow_ring = lines_at(w, line);
		/* All zero: no order is needed. */
		word_write(&w->header->slow_ring, line);
	}
	return w->slow_ring;
}

bool segment_folded(struct segment_writer *w, const uint64_t *ids,
		    uint32_t count)
{
	if (count == 0) {
		return true;
	}
	w->header->folded = lines_claim(w, count * sizeof(*ids));
	if (w->header->folded == 0) {
		return false;
	}
	memcpy(lines_at(w, w->header->folded), ids, count * sizeof(*ids));
	w->header->folded_count = count;
	return true;
}
