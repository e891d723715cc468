/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "latency_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "map_guard.h"
#include "name.h"
#include "row_sum.h"
#include "segment_dir.h"
#include "segment_writer.h"

#define LINES(bytes) (((bytes) + LATENCY_LINE - 1) / LATENCY_LINE)
#define GROW_LINES LINES(16u << 10)
#define FIRST_NODE_ENTRIES 256u

static void *at_line(struct segment_writer *w, uint32_t line)
{
	return w->base + (size_t)line * LATENCY_LINE;
}

/*
 * Backs lines up to `end` with disk blocks, so that touching them can never
 * fail. After a failure nothing more is tried until somebody resets w->full.
 */
static bool reserve(struct segment_writer *w, uint32_t end)
{
	uint32_t to = (end + GROW_LINES - 1) / GROW_LINES * GROW_LINES;
	int ret;

	if (end <= w->reserved) {
		return true;
	}
	if (w->full != 0 || w->fd == -1) {
		return false;
	}
	if ((size_t)to * LATENCY_LINE > w->limit) {
		w->full = EFBIG;
		return false;
	}
	ret = posix_fallocate(w->fd, (off_t)w->reserved * LATENCY_LINE,
			      (off_t)(to - w->reserved) * LATENCY_LINE);
	if (ret != 0) {
		w->full = ret;
		return false;
	}
	w->reserved = to;
	return true;
}

/*
 * Is there a thing of so many bytes at this line? What is read from the segment
 * may have been overwritten by somebody: no line in it is followed unseen.
 */
static bool is_claimed(const struct segment_writer *w, uint32_t line,
		       size_t bytes)
{
	return line >= LINES(sizeof(struct latency_header)) &&
		line < w->used && LINES(bytes) <= w->used - line;
}

/* Claims zero-filled lines; returns the first, or 0 if there is no room. */
static uint32_t claim(struct segment_writer *w, size_t bytes)
{
	int saved_errno = errno;
	uint32_t line = 0;

	if (reserve(w, w->used + LINES(bytes))) {
		line = w->used;
		w->used += LINES(bytes);
		word_write(&w->header->used, w->used);
	}
	errno = saved_errno;
	return line;
}

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
	w->limit = LATENCY_MAX_SIZE;
	/* What has the name of a process's segment is never without the lock. */
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
	if (!reserve(w, LINES(sizeof(*h)))) {
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

void segment_publish(struct segment_writer *w)
{
	uint64_t magic;

	memcpy(&magic, LATENCY_MAGIC, sizeof(magic));
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
	/* Pairs with the reader's fence behind the header. */
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

static uint32_t node_place(const struct slot_writer *s, unsigned parent,
			   unsigned frame)
{
	uint32_t key = (uint32_t)parent << 16 | frame;

	return (key * 0x9e3779b1u) >> 16 & s->node_mask;
}

/* The number is not taken from the node, where anything may be by now. */
static void node_insert(struct slot_writer *s, uint16_t number)
{
	const struct latency_node *node = slot_node(s, number);
	uint32_t i = node_place(s, node->parent, node->frame);

	while (s->node[i] != 0) {
		i = (i + 1) & s->node_mask;
	}
	s->node[i] = number;
}

/* Keeps the hash table at most half full. All older ones are half its size. */
static bool node_table_grow(struct slot_writer *s)
{
	uint32_t entries = s->node_mask + 1;
	const uint16_t *old = s->node;
	uint16_t *new;
	uint32_t i;

	if (s->nodes < entries / 2) {
		return true;
	}
	new = arena_alloc(&s->segment->arena, entries * 2 * sizeof(*new));
	if (new == NULL) {
		return false;
	}
	s->node = new;
	s->node_mask = entries * 2 - 1;
	for (i = 0; i < entries; i++) {
		if (old[i] != 0) {
			node_insert(s, old[i]);
		}
	}
	return true;
}

/* Claims the next node; NULL if there is no room. */
static struct latency_node *node_create(struct slot_writer *s, unsigned parent,
					unsigned frame)
{
	unsigned number = s->nodes;
	unsigned chunk = number / LATENCY_CHUNK_NODES;
	struct latency_node *node;

	if (number >= LATENCY_MAX_NODES) {
		return NULL;
	}
	if (s->chunk[chunk] == NULL) {
		uint32_t line = claim(s->segment, LATENCY_CHUNK_NODES *
				      sizeof(struct latency_node));

		if (line == 0) {
			return NULL;
		}
		s->chunk[chunk] = at_line(s->segment, line);
		word_write(&s->slot->chunk[chunk], line);
	}
	node = slot_node(s, number);
	node->parent = (uint16_t)parent;
	node->frame = (uint16_t)frame;
	node->number = (uint16_t)number;
	node->slot = s->line;
	node->min_ns = UINT64_MAX;
	s->nodes = number + 1;
	/* Its chunk and what is in it: pairs with read_slots(). */
	word_publish(&s->slot->nodes, s->nodes);
	return node;
}

/*
 * Gives the two nodes that every slot has their place. Neither is looked for,
 * so that the number of the first, 0, stands for no node in the hash table.
 */
static bool first_nodes(struct slot_writer *s)
{
	s->node = arena_alloc(&s->segment->arena,
			      FIRST_NODE_ENTRIES * sizeof(*s->node));
	if (s->node == NULL) {
		return false;
	}
	s->node_mask = FIRST_NODE_ENTRIES - 1;
	return node_create(s, LATENCY_NODE_TOP, 0) != NULL &&
		node_create(s, LATENCY_NODE_TOP,
			    LATENCY_FRAME(0, LATENCY_ROOT_OVERFLOW)) != NULL;
}

static struct slot_writer *slot_create(struct segment_writer *w,
				       const struct latency_slot_key *key)
{
	struct slot_writer *s = arena_alloc(&w->arena, sizeof(*s));

	if (s == NULL) {
		return NULL;
	}
	s->segment = w;
	s->line = claim(w, sizeof(*s->slot));
	if (s->line == 0) {
		return NULL;
	}
	s->slot = at_line(w, s->line);
	s->slot->key = *key;
	if (!first_nodes(s)) {
		/* All stays claimed, but nothing refers to it. */
		return NULL;
	}
	s->next = w->slots;
	w->slots = s;

	/* Pairs with the reader's fences behind the header and each slot. */
	word_publish(w->last_slot != NULL ? &w->last_slot->next :
		     &w->header->first_slot, s->line);
	w->last_slot = s->slot;
	word_write(&w->header->slots, ++w->slot_count);
	return s;
}

struct slot_writer *segment_slot(struct segment_writer *w,
				 const struct slot_key *names, bool connected)
{
	struct latency_slot_key key = { .share = "" };
	struct slot_writer *s;

	name_copy(key.share, sizeof(key.share), names->share);
	name_copy(key.user, sizeof(key.user), names->user);
	name_copy(key.client, sizeof(key.client), names->client);
	name_copy(key.objects, sizeof(key.objects), names->objects);

	for (s = w->slots; s != NULL; s = s->next) {
		if (!s->connected && slot_key_same(&s->slot->key, &key)) {
			break;
		}
	}
	if (s == NULL) {
		s = slot_create(w, &key);
	}
	if (s != NULL && connected) {
		s->connected = true;
		word_write(&s->slot->connected, 1);
		word_add(&s->slot->tree_connects, 1);
	}
	return s;
}

void slot_disconnected(struct slot_writer *s)
{
	s->connected = false;
	word_write(&s->slot->connected, 0);
}

uint16_t slot_root_frame(const struct slot_writer *s,
			 const struct latency_node *node)
{
	uint16_t number, above = node->parent;

	/* A parent has a smaller number, unless somebody has overwritten it. */
	for (number = node->number; above != LATENCY_NODE_TOP &&
	     above < number && above < s->nodes; above = node->parent) {
		number = above;
		node = slot_node(s, number);
	}
	return node->frame;
}

struct latency_node *slot_node_below(struct slot_writer *s,
				     const struct latency_node *parent,
				     unsigned frame)
{
	uint32_t i = node_place(s, parent->number, frame);
	struct latency_node *node;
	int saved_errno = errno;

	for (; s->node[i] != 0; i = (i + 1) & s->node_mask) {
		node = slot_node(s, s->node[i]);
		if (node->parent == parent->number && node->frame == frame) {
			return node;
		}
	}
	if (parent->number == LATENCY_NODE_OVERFLOW || !node_table_grow(s) ||
	    (node = node_create(s, parent->number, frame)) == NULL) {
		node = slot_node(s, LATENCY_NODE_OVERFLOW);
	} else {
		node_insert(s, (uint16_t)(s->nodes - 1));
	}
	errno = saved_errno;
	return node;
}

/* The line of an octave: of it and the next one, for octave 0; 0: none. */
static uint32_t octave_line(const struct segment_writer *w,
			    const struct latency_node *node, unsigned octave)
{
	uint32_t line = word_read(&node->octave[octave]);
	uint32_t lines = octave == 0 ? 2 : 1;

	return is_claimed(w, line, lines * LATENCY_LINE) ? line : 0;
}

uint32_t node_octave_claim(struct segment_writer *w, struct latency_node *node,
			   unsigned octave)
{
	if (node->octave[octave] == 0) {
		unsigned first = octave <= 1 ? 0 : octave;
		uint32_t lines = octave <= 1 ? 2 : 1;
		uint32_t line = claim(w, lines * HIST_SUB * sizeof(uint64_t));

		/* Zero lines: a reader need not find them in any order. */
		if (line != 0) {
			word_write(&node->octave[first], line);
			if (lines == 2) {
				word_write(&node->octave[1], line + 1);
			}
		}
	}
	return octave_line(w, node, octave);
}

/* Takes up where the buckets of an octave are. False: they are not claimed. */
static bool take_up_octave(struct segment_writer *w, struct node_writer *n,
			   unsigned octave)
{
	uint32_t line = octave_line(w, n->node, octave);

	if (line == 0) {
		return false;
	}
	/* Bucket of ns is [ns >> (group + 3)]: 0 to 15, or 8 to 15. */
	if (octave <= 1) {
		n->group[0] = at_line(w, line - octave);
	} else {
		n->group[octave - 1] =
			(uint64_t *)at_line(w, line) - HIST_SUB;
	}
	return true;
}

void node_writer_update(struct segment_writer *w, struct node_writer *n,
			uint64_t ns, uint64_t limit_ns)
{
	const struct latency_node *node = n->node;
	unsigned low = hist_bucket(ns) / HIST_SUB;
	unsigned high = low;
	uint64_t low_ns, end_ns;

	n->span_ns = 0;
	if (!take_up_octave(w, n, low)) {
		return;
	}
	/* As far as no octave is missing. */
	while (low > 0 && take_up_octave(w, n, low - 1)) {
		low--;
	}
	while (high + 1 < HIST_OCTAVES && take_up_octave(w, n, high + 1)) {
		high++;
	}
	low_ns = hist_lower(low * HIST_SUB);
	end_ns = high + 1 < HIST_OCTAVES ? hist_lower((high + 1) * HIST_SUB) :
		HIST_MAX_NS;
	low_ns = low_ns > node->min_ns ? low_ns : node->min_ns;
	/* Nothing takes no time: the caller is to look at its clock. */
	low_ns = low_ns > 0 ? low_ns : 1;
	end_ns = end_ns <= node->max_ns ? end_ns : node->max_ns + 1;
	end_ns = end_ns < limit_ns ? end_ns : limit_ns;
	if (end_ns > low_ns) {
		n->low_ns = low_ns;
		n->span_ns = end_ns - low_ns;
	}
}

/* The count of a code in the chain of lines, claimed if need be; or NULL. */
static uint64_t *chained_error(struct segment_writer *w,
			       struct latency_node *node, uint32_t code)
{
	uint32_t *link = &node->error;
	struct latency_errors *errors;
	unsigned lines, i;

	for (lines = 0; lines < LATENCY_MAX_ERROR_LINES; lines++) {
		uint32_t line = word_read(link);

		if (line == 0) {
			line = claim(w, sizeof(*errors));
			/* Zero, too. */
			word_write(link, line);
		}
		if (!is_claimed(w, line, sizeof(*errors))) {
			return NULL;
		}
		errors = at_line(w, line);
		for (i = 0; i < 3; i++) {
			if (errors->entry[i].code == 0) {
				word_write(&errors->entry[i].code, code);
			}
			if (errors->entry[i].code == code) {
				return &errors->entry[i].count;
			}
		}
		link = &errors->next;
	}
	return NULL;
}

void node_errors(struct segment_writer *w, struct latency_node *node,
		 uint32_t code, uint64_t count)
{
	uint64_t *place = &node->error_unknown;

	if (code != UINT32_MAX) {
		if (node->error_code == 0) {
			word_write(&node->error_code, code);
		}
		place = node->error_code == code ? &node->error_count :
			chained_error(w, node, code);
	}
	word_add(place != NULL ? place : &node->error_unknown, count);
}

void node_record(struct segment_writer *w, struct latency_node *node,
		 uint64_t ns, uint64_t bytes, uint32_t error)
{
	unsigned bucket = hist_bucket(ns);
	uint32_t line = node_octave_claim(w, node, bucket / HIST_SUB);
	uint64_t *cells;

	if (line == 0) {
		word_add(&w->header->unmeasured, 1);
		return;
	}
	cells = at_line(w, line);
	row_write_begin(&cells[bucket % HIST_SUB]);
	word_add(&node->total_ns, ns);
	if (ns < node->min_ns) {
		word_write(&node->min_ns, ns);
	}
	if (ns > node->max_ns) {
		word_write(&node->max_ns, ns);
	}
	word_add(&node->bytes, bytes);
	if (error != 0) {
		node_errors(w, node, error, 1);
	}
	row_write_end(&node->count);
}

struct latency_slow_ring *segment_slow_ring(struct segment_writer *w)
{
	if (w->slow_ring == NULL) {
		uint32_t line = claim(w, sizeof(struct latency_slow_ring));

		if (line == 0) {
			return NULL;
		}
		w->slow_ring = at_line(w, line);
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
	w->header->folded = claim(w, count * sizeof(*ids));
	if (w->header->folded == 0) {
		return false;
	}
	memcpy(at_line(w, w->header->folded), ids, count * sizeof(*ids));
	w->header->folded_count = count;
	return true;
}

bool node_merge(struct segment_writer *w, struct latency_node *node,
		const struct row_sum *sum)
{
	uint32_t line[HIST_OCTAVES] = { 0 };
	unsigned bucket;
	uint32_t i;

	/* All or nothing. */
	for (bucket = 0; bucket < HIST_BUCKETS; bucket++) {
		unsigned octave = bucket / HIST_SUB;

		if (sum->histogram[bucket] == 0 || line[octave] != 0) {
			continue;
		}
		line[octave] = node_octave_claim(w, node, octave);
		if (line[octave] == 0) {
			return false;
		}
	}
	for (bucket = 0; bucket < HIST_BUCKETS; bucket++) {
		if (sum->histogram[bucket] != 0) {
			uint64_t *cells = at_line(w, line[bucket / HIST_SUB]);

			cells[bucket % HIST_SUB] += sum->histogram[bucket];
		}
	}
#define ADD(counter) node->counter += sum->counter;
	ROW_COUNTERS(ADD)
#undef ADD
	node->min_ns = sum->min_ns < node->min_ns ? sum->min_ns : node->min_ns;
	node->max_ns = sum->max_ns > node->max_ns ? sum->max_ns : node->max_ns;
	for (i = 0; i < sum->error_count; i++) {
		node_errors(w, node, sum->error[i].code, sum->error[i].count);
	}
	return true;
}
