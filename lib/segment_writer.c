/*
 * SPDX-License-Identifier: GPL-3.0-or-later
 */

#include "latency_config.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "map_guard.h"
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
	if ((size_t)to * LATENCY_LINE > LATENCY_MAX_SIZE) {
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

struct segment_writer *segment_create(int dir, const char *name,
				      const struct segment_identity *identity,
				      struct latency_error *error)
{
	struct segment_writer *w = calloc(1, sizeof(*w));
	struct latency_header *h;
	void *map;

	if (w == NULL) {
		error_set(error, "%s: out of memory", name);
		return NULL;
	}
	w->fd = segment_open(dir, name, O_RDWR | O_CREAT | O_EXCL, error);
	if (w->fd == -1) {
		free(w);
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
	return w;
fail:
	unlinkat(dir, name, 0);
	close(w->fd);
	free(w);
	return NULL;
}

void segment_publish(struct segment_writer *w)
{
	uint64_t magic;

	memcpy(&magic, LATENCY_MAGIC, sizeof(magic));
	word_publish((uint64_t *)(void *)w->header->magic, magic);
}

static void slot_free(struct slot_writer *s)
{
	unsigned i;

	for (i = 0; i < LATENCY_MAX_LAYERS; i++) {
		free(s->row[i]);
	}
	free(s->node);
	free(s);
}

void segment_close(struct segment_writer *w)
{
	while (w->slots != NULL) {
		struct slot_writer *next = w->slots->next;

		slot_free(w->slots);
		w->slots = next;
	}
	map_guard_remove(w->base);
	munmap(w->base, LATENCY_MAX_SIZE);
	if (w->fd != -1) {
		close(w->fd);
	}
	free(w);
}

void segment_detach(struct segment_writer *w)
{
	map_guard_detach(w->base);
	if (w->fd != -1) {
		close(w->fd);
		w->fd = -1;
	}
}

int segment_op(struct segment_writer *w, const char *name,
	       enum latency_class error_class)
{
	struct latency_header *h = w->header;
	uint32_t i;

	for (i = 0; i < h->op_count; i++) {
		if (strcmp(h->op[i].name, name) == 0) {
			return (int)i;
		}
	}
	if (i == LATENCY_MAX_OPS) {
		return -1;
	}
	strncpy(h->op[i].name, name, sizeof(h->op[i].name) - 1);
	h->op[i].error_class = error_class;
	word_publish(&h->op_count, i + 1);
	return (int)i;
}

int segment_layer(struct segment_writer *w, const char *name)
{
	struct latency_layer *layer = w->header->layer;
	int i;

	for (i = 1; i < LATENCY_MAX_LAYERS; i++) {
		if (layer[i].name[0] == '\0') {
			strncpy(layer[i].name, name,
				sizeof(layer[i].name) - 1);
			return i;
		}
		if (strncmp(layer[i].name, name,
			    sizeof(layer[i].name) - 1) == 0) {
			return i;
		}
	}
	return -1;
}

void name_copy(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);

	if (length >= size) {
		length = size - 1;
		while (length > 0 && ((unsigned char)from[length] & 0xc0) == 0x80) {
			length--;
		}
	}
	memcpy(to, from, length);
	to[length] = '\0';
}

/* Gives the two nodes that every slot has their place. */
static bool first_nodes(struct slot_writer *s)
{
	s->node = calloc(FIRST_NODE_ENTRIES, sizeof(*s->node));
	if (s->node == NULL) {
		return false;
	}
	s->node_mask = FIRST_NODE_ENTRIES - 1;

	s->slot->chunk[0] = claim(s->segment, LATENCY_CHUNK_NODES *
				  sizeof(struct latency_node));
	if (s->slot->chunk[0] == 0) {
		return false;
	}
	s->chunk[0] = at_line(s->segment, s->slot->chunk[0]);
	s->chunk[0][LATENCY_NODE_OVERFLOW].frame =
		LATENCY_FRAME(0, LATENCY_ROOT_OVERFLOW);
	s->slot->nodes = 2;
	return true;
}

static struct slot_writer *slot_create(struct segment_writer *w,
				       const struct latency_slot *key)
{
	struct slot_writer *s = calloc(1, sizeof(*s));

	if (s == NULL) {
		return NULL;
	}
	s->segment = w;
	s->line = claim(w, sizeof(*s->slot));
	if (s->line == 0) {
		slot_free(s);
		return NULL;
	}
	s->slot = at_line(w, s->line);
	memcpy(s->slot->share, key->share, sizeof(key->share));
	memcpy(s->slot->user, key->user, sizeof(key->user));
	memcpy(s->slot->client, key->client, sizeof(key->client));
	if (!first_nodes(s)) {
		/* The lines stay claimed but nothing refers to them. */
		slot_free(s);
		return NULL;
	}
	s->next = w->slots;
	w->slots = s;

	word_publish(w->last_slot != NULL ? &w->last_slot->next :
		     &w->header->first_slot, s->line);
	w->last_slot = s->slot;
	word_add(&w->header->slots, 1);
	return s;
}

struct slot_writer *segment_slot(struct segment_writer *w, const char *share,
				 const char *user, const char *client,
				 bool connected)
{
	struct latency_slot key = { .next = 0 };
	struct slot_writer *s;

	name_copy(key.share, sizeof(key.share), share);
	name_copy(key.user, sizeof(key.user), user);
	name_copy(key.client, sizeof(key.client), client);

	for (s = w->slots; s != NULL; s = s->next) {
		if (!s->slot->connected &&
		    strcmp(s->slot->share, key.share) == 0 &&
		    strcmp(s->slot->user, key.user) == 0 &&
		    strcmp(s->slot->client, key.client) == 0) {
			break;
		}
	}
	if (s == NULL) {
		s = slot_create(w, &key);
	}
	if (s != NULL && connected) {
		word_write(&s->slot->connected, 1);
		word_add(&s->slot->tree_connects, 1);
	}
	return s;
}

void slot_disconnected(struct slot_writer *s)
{
	word_write(&s->slot->connected, 0);
}

struct latency_row *slot_row_claim(struct slot_writer *s, unsigned layer,
				   unsigned op)
{
	struct latency_row *row;
	uint32_t line;

	if (s->row[layer] == NULL) {
		int saved_errno = errno;

		s->row[layer] = calloc(layer == 0 ? LATENCY_OPCODES :
				       LATENCY_MAX_OPS, sizeof(row));
		errno = saved_errno;
		if (s->row[layer] == NULL) {
			return NULL;
		}
	}
	if (s->row[layer][op] != NULL) {
		return s->row[layer][op];
	}
	line = claim(s->segment, sizeof(*row));
	if (line == 0) {
		return NULL;
	}
	row = at_line(s->segment, line);
	row->frame = LATENCY_FRAME(layer, op);
	row->min_ns = UINT64_MAX;
	row->next = s->slot->first_row;
	word_publish(&s->slot->first_row, line);
	s->row[layer][op] = row;
	return row;
}

uint32_t row_octave_claim(struct slot_writer *s, struct latency_row *row,
			  unsigned octave)
{
	if (row->octave[octave] == 0) {
		uint32_t line = claim(s->segment,
				      HIST_SUB * sizeof(uint64_t));

		if (line != 0) {
			word_publish(&row->octave[octave], line);
		}
	}
	return row->octave[octave];
}

static void node_insert(struct slot_writer *s, uint32_t key, uint32_t number)
{
	uint32_t i = node_hash(key) & s->node_mask;

	while (s->node[i].number != 0) {
		i = (i + 1) & s->node_mask;
	}
	s->node[i].key = key;
	s->node[i].number = number;
}

/* Keeps the hash table at most half full. */
static bool node_table_grow(struct slot_writer *s)
{
	uint32_t entries = s->node_mask + 1;
	struct node_entry *old = s->node;
	uint32_t i;

	if (s->slot->nodes < entries / 2) {
		return true;
	}
	s->node = calloc(entries * 2, sizeof(*s->node));
	if (s->node == NULL) {
		s->node = old;
		return false;
	}
	s->node_mask = entries * 2 - 1;
	for (i = 0; i < entries; i++) {
		if (old[i].number != 0) {
			node_insert(s, old[i].key, old[i].number);
		}
	}
	free(old);
	return true;
}

unsigned slot_node_claim(struct slot_writer *s, unsigned parent,
			 unsigned frame)
{
	unsigned number = s->slot->nodes;
	unsigned chunk = number / LATENCY_CHUNK_NODES;
	struct latency_node *node;
	int saved_errno = errno;
	bool grown;

	if (number >= LATENCY_MAX_NODES || parent == LATENCY_NODE_OVERFLOW) {
		return LATENCY_NODE_OVERFLOW;
	}
	grown = node_table_grow(s);
	errno = saved_errno;
	if (!grown) {
		return LATENCY_NODE_OVERFLOW;
	}
	if (s->chunk[chunk] == NULL) {
		uint32_t line = claim(s->segment, LATENCY_CHUNK_NODES *
				      sizeof(struct latency_node));

		if (line == 0) {
			return LATENCY_NODE_OVERFLOW;
		}
		s->chunk[chunk] = at_line(s->segment, line);
		word_publish(&s->slot->chunk[chunk], line);
	}
	node = slot_node(s, number);
	node->parent = (uint16_t)parent;
	node->frame = (uint16_t)frame;
	word_publish(&s->slot->nodes, number + 1);
	node_insert(s, (uint32_t)parent << 16 | frame, number);
	return number;
}

void row_error(struct slot_writer *s, struct latency_row *row, uint32_t code,
	       uint64_t count)
{
	uint32_t *link = &row->error;
	struct latency_errors *errors;
	unsigned lines, i;

	word_add(&row->errors, count);
	for (lines = 0;; lines++) {
		if (*link == 0) {
			uint32_t line = claim(s->segment, sizeof(*errors));

			if (line == 0) {
				return;
			}
			word_publish(link, line);
		}
		errors = at_line(s->segment, *link);
		if (lines == LATENCY_MAX_ERROR_LINES - 1) {
			code = UINT32_MAX;
		}
		for (i = 0; i < 3; i++) {
			if (errors->entry[i].code == 0) {
				word_write(&errors->entry[i].code, code);
			}
			if (errors->entry[i].code == code ||
			    code == UINT32_MAX) {
				word_add(&errors->entry[i].count, count);
				return;
			}
		}
		link = &errors->next;
	}
}

struct latency_slow_ring *segment_slow_ring(struct segment_writer *w)
{
	if (w->header->slow_ring == 0) {
		uint32_t line = claim(w, sizeof(struct latency_slow_ring));

		if (line == 0) {
			return NULL;
		}
		word_publish(&w->header->slow_ring, line);
	}
	return at_line(w, w->header->slow_ring);
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

bool row_merge(struct slot_writer *s, struct latency_row *row,
	       const struct row_sum *sum)
{
	unsigned bucket;
	uint32_t i;

	for (bucket = 0; bucket < HIST_BUCKETS; bucket++) {
		uint32_t line;
		uint64_t *cell;

		if (sum->histogram[bucket] == 0) {
			continue;
		}
		line = row_octave_claim(s, row, bucket / HIST_SUB);
		if (line == 0) {
			return false;
		}
		cell = at_line(s->segment, line);
		cell[bucket % HIST_SUB] += sum->histogram[bucket];
	}
	row->count += sum->count;
	row->total_ns += sum->total_ns;
	row->min_ns = sum->min_ns < row->min_ns ? sum->min_ns : row->min_ns;
	row->max_ns = sum->max_ns > row->max_ns ? sum->max_ns : row->max_ns;
	row->bytes += sum->bytes;
	row->untimed += sum->untimed;
	row->async += sum->async;
	row->service_count += sum->service_count;
	row->service_ns += sum->service_ns;
	row->service_wall_ns += sum->service_wall_ns;
	for (i = 0; i < sum->error_count; i++) {
		row_error(s, row, sum->error[i].code, sum->error[i].count);
	}
	return true;
}
